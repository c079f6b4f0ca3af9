import { html } from '../html.ts';
import { layout, type PageFrame } from '../layout.ts';
import { accessesMessages } from '../messages/accesses.ts';
import { confirmMessages } from '../messages/confirm.ts';
import { released, type ChoosePage } from './choose.ts';
import { branded, type ServiceBrand } from './service-brand.ts';

export interface ConfirmPage extends Pick<ChoosePage, 'attributes' | 'ageChecked'> {
  readonly service: string;
  readonly brand: ServiceBrand;
  /** First name and initial: enough to recognise oneself, little for whoever looks over a shoulder. */
  readonly name: string | undefined;
  /** Where going on is posted. */
  readonly action: string;
  /** Where another identity is chosen. */
  readonly otherUrl: string;
}

/** Before a session is reused: as whom the citizen enters, and the way out if it is not her. */
export function confirmPage(frame: PageFrame, data: ConfirmPage): string {
  const text = confirmMessages(frame.language);
  return layout(frame, {
    title: text.title(data.service),
    body: html`<div class="row justify-content-center">
      <div class="col-12 col-lg-8">
        <h1 class="h2">${text.title(data.service)}</h1>
        ${branded(frame.language, data.service, data.brand)}
        <p class="lead">${text.as(data.name)}</p>
        ${released(frame, data)}
        <form method="post" action="${data.action}" class="problem-actions">
          <button class="btn btn-primary" type="submit">${text.enter}</button>
          <a class="btn btn-outline-primary" href="${data.otherUrl}" aria-describedby="not-you-hint">${text.notYou}</a>
        </form>
        <p class="small" id="not-you-hint">${text.notYouHint}</p>
        <p class="small"><a href="/accessi">${accessesMessages[frame.language].link}</a></p>
      </div>
    </div>`,
  });
}
