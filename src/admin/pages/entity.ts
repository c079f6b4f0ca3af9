import type { KeptEntity } from '../../entities/declarations.ts';
import type { MetadataDraft } from '../../entities/life-cycle.ts';
import type { MetadataReport } from '../../entities/metadata-check/check.ts';
import type { MetadataDifference } from '../../entities/metadata-diff.ts';
import type { SealedVersion } from '../../entities/metadata-versions.ts';
import type { Publication } from '../../entities/publication.ts';
import { descriptionList } from '../../web/description-list.ts';
import { html, type Html } from '../../web/html.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import type { Visit } from '../room.ts';
import { time } from './audit.ts';
import { select } from './fields.ts';
import { checksOf, differencesOf } from './metadata.ts';
import { table } from './table.ts';

type Shown = Pick<Visit, 'language' | 'session'>;

export interface EntityData {
  readonly kept: KeptEntity;
  readonly inForce: readonly Publication[];
  readonly versions: readonly SealedVersion[];
  readonly draft:
    | (MetadataDraft & {
        readonly report: MetadataReport;
        readonly differences: readonly MetadataDifference[];
      })
    | undefined;
  readonly providers: readonly { readonly entityId: string; readonly name: string }[];
  readonly providerName: (id: string) => string;
  readonly mayChange: boolean;
}

/** A body: what is declared, its draft, its versions, and the steps that each can take next. */
export function entityBody(visit: Shown, data: EntityData): Html {
  const { entities: text } = consoleMessages[visit.language];
  return html`${facts(visit, data)} ${attributeSets(visit, data)}
    <h2 class="h4">${text.draft}</h2>
    ${data.kept.ceasedAt ? html`<p>${text.ceased}</p>` : draft(visit, data)}
    <h2 class="h4">${text.versions}</h2>
    ${data.versions.length === 0 ? html`<p>${text.versionsNone}</p>` : undefined}
    <ul class="console-list list-unstyled">
      ${data.versions.map((version) => html`<li>${versionItem(visit, data, version)}</li>`)}
    </ul>`;
}

function facts({ language }: Shown, { kept: { declaration, origin } }: EntityData): Html {
  const { entities: text } = consoleMessages[language];
  const rows: readonly (readonly [string, string | Html])[] = [
    [text.entityId, html`<a href="${declaration.entityId}">${declaration.entityId}</a>`],
    [text.through, declaration.aggregator ?? text.itself],
    [text.keptBy, text.origin[origin]],
    [text.ipaCode, declaration.contact.ipaCode],
    [text.email, declaration.contact.email],
  ];
  return html`<h2 class="h4">${text.facts}</h2>
    ${descriptionList(rows.map(([name, value]) => [name, html`<span translate="no">${value}</span>`]))}`;
}

function attributeSets({ language }: Shown, { kept, inForce }: EntityData): Html {
  const { entities: text } = consoleMessages[language];
  const known = new Set(inForce.flatMap(({ attributeSets: sets }) => sets.map(({ index }) => index)));
  return html`<h2 class="h4">${text.sets}</h2>
    ${table({
      caption: text.sets,
      head: text.set,
      columns: [{ label: text.attributes }, { label: text.setInForce }],
      rows: kept.declaration.attributeSets.map(({ index, name, attributes }) => ({
        head: `${index} · ${name}`,
        cells: [
          html`<span translate="no">${attributes.join(', ')}</span>`,
          known.has(index) ? text.yes : text.notYet,
        ],
      })),
    })}`;
}

function draft(visit: Shown, data: EntityData): Html {
  const { language } = visit;
  const { entities: text } = consoleMessages[language];
  const { id } = data.kept.declaration;
  const at = `/admin/entities/${id}`;
  const act = (path: string, label: string, kind: 'primary' | 'outline-primary' = 'outline-primary') =>
    data.mayChange ? button(visit, `${at}/${path}`, label, kind) : undefined;
  const { draft: made } = data;
  if (!made)
    return html`<p>${text.draftNone}</p>
      ${data.mayChange ? html`<p>${text.makeDraftHint}</p>` : undefined} ${act('draft', text.makeDraft, 'primary')}`;
  return html`<p>
      ${text.draftOf} ${time(language, made.createdAt)} · <a href="${at}/draft/xml">${text.download}</a>
    </p>
    ${made.current ? undefined : html`<p class="console-wrong">${text.outdated}</p>`}
    <h3 class="h5">${text.checks}</h3>
    ${checksOf(language, made.report)}
    <h3 class="h5">${text.changes}</h3>
    ${differencesOf(language, made.differences)}
    ${
      data.mayChange && made.current && made.report.acceptable
        ? html`<p>${text.sealHint}</p>
            ${act('seal', text.seal, 'primary')}`
        : undefined
    }
    ${data.mayChange ? html`<p>${text.previewHint}</p>` : undefined}
    ${made.hasPreview ? act('preview/end', text.endPreview) : act('preview', text.preview)}
    ${act('draft', text.makeDraft)}`;
}

function versionItem(visit: Shown, data: EntityData, one: SealedVersion): Html {
  const { language, session } = visit;
  const { entities: text } = consoleMessages[language];
  const at = `/admin/entities/${data.kept.declaration.id}/versions/${one.version}`;
  const where = (provider: string | undefined) =>
    provider === undefined ? text.everywhere : `${text.at} ${data.providerName(provider)}`;
  const open = data.mayChange && one.withdrawnAt === undefined;
  return html`<p>
      <a href="${at}"><strong>${text.version(one.version)}</strong></a> · ${text.sealedAt}
      ${time(language, one.sealedAt)}
      ${one.submittedAt && html`<br />${text.submittedAt} ${time(language, one.submittedAt)}`}
      ${one.inForce.map(
        ({ provider, since }) =>
          html`<br /><strong>${text.inForceSince}</strong> ${where(provider)}: ${time(language, since)}`,
      )}
      ${one.withdrawnAt && html`<br />${text.withdrawnAt} ${time(language, one.withdrawnAt)}`}
    </p>
    ${
      open
        ? html`<details>
            <summary>${text.steps['in-force']}</summary>
            <p>${text.inForceHint}</p>
            <form method="post" action="${at}/in-force">
              <input type="hidden" name="csrf" value="${session.csrf}" />
              ${select({
                name: `provider-${one.version}`,
                label: text.provider,
                value: '',
                options: [
                  ['', text.everyProvider] as const,
                  ...data.providers.map(({ entityId, name }) => [entityId, name] as const),
                ],
              })}
              <button class="btn btn-primary" type="submit">
                ${text.steps['in-force']}<span class="visually-hidden"> ${text.version(one.version)}</span>
              </button>
            </form>
          </details>`
        : undefined
    }
    ${open && one.submittedAt === undefined ? button(visit, `${at}/submitted`, text.steps.submitted, 'outline-primary', text.version(one.version)) : undefined}
    ${open && one.inForce.length === 0 ? button(visit, `${at}/withdraw`, text.steps.withdraw, 'outline-primary', text.version(one.version)) : undefined}`;
}

/** @param of what the button is about, for those who do not see where it stands */
function button(
  { session }: Shown,
  action: string,
  label: string,
  kind: 'primary' | 'outline-primary',
  of = '',
): Html {
  return html`<form method="post" action="${action}" class="console-act">
    <input type="hidden" name="csrf" value="${session.csrf}" />
    <button class="btn btn-${kind}" type="submit">
      ${label}${of && html`<span class="visually-hidden"> ${of}</span>`}
    </button>
  </form>`;
}
