import type { MetadataReport } from '../../entities/metadata-check/check.ts';
import type { MetadataDifference } from '../../entities/metadata-diff.ts';
import type { Language } from '../../identity/language.ts';
import { html, type Html } from '../../web/html.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import { aboutRule, worded } from '../../web/messages/metadata-findings.ts';
import { table } from './table.ts';

/** What AgID would say of some metadata, rule by rule. */
export function checksOf(language: Language, { findings }: MetadataReport): Html {
  const { entities: text } = consoleMessages[language];
  if (findings.length === 0) return html`<p>${text.keepsAll}</p>`;
  return table({
    caption: text.checks,
    head: text.rule,
    columns: [{ label: text.where }, { label: text.found }, { label: text.allowed }, { label: text.next }],
    rows: findings.map((finding) => {
      const { id, severity, at, found, allowed } = worded(language, finding);
      const { about, next } = aboutRule(language, id);
      return {
        head: html`<strong>${id}</strong> (${text.severity[severity]})<br />${about}`,
        cells: [placeOf(at), found, allowed, next],
      };
    }),
  });
}

/** An element or attribute, which may break where its parts end. */
function placeOf(at: string): Html {
  return html`<code>${at.split(/(?<=[/.])/).map((part, position) => html`${position > 0 && html`<wbr />`}${part}`)}</code>`;
}

/** What one version says otherwise than another, in words. */
export function differencesOf(language: Language, differences: readonly MetadataDifference[]): Html {
  const { entities: text } = consoleMessages[language];
  if (differences.length === 0) return html`<p>${text.nothing}</p>`;
  const { words } = text;
  const value = (said: string) => (said === 'published' || said === 'present' ? words[said] : said);
  const name = (what: string) =>
    what
      .replace(/^certificate (?=[0-9a-f]{64}$)/, `${words.certificate} `)
      .replace(/, (attributes|name)$/, (_, part: 'attributes' | 'name') => `, ${words[part]}`);
  return html`<dl class="released-data">
    ${differences.map(
      ({ what, before, after }) =>
        html`<div>
          <dt translate="no">${name(what)}</dt>
          <dd translate="no">
            ${before === undefined ? undefined : html`<del>${value(before)}</del>`}
            ${after === undefined ? undefined : html`<ins>${value(after)}</ins>`}
          </dd>
        </div>`,
    )}
  </dl>`;
}

export function versionBody(
  language: Language,
  data: {
    readonly entity: string;
    readonly version: number;
    readonly report: MetadataReport;
    readonly differences: readonly MetadataDifference[];
  },
): Html {
  const { entities: text } = consoleMessages[language];
  const at = `/admin/entities/${data.entity}`;
  return html`<p><a href="${at}/versions/${data.version}/xml">${text.download}</a></p>
    <h2 class="h4">${text.checks}</h2>
    ${checksOf(language, data.report)}
    <h2 class="h4">${text.changesBefore}</h2>
    ${differencesOf(language, data.differences)}`;
}

export function previewBody(
  language: Language,
  data: { readonly entity: string; readonly url: string },
): Html {
  const { entities: text } = consoleMessages[language];
  return html`<div role="status"><p class="lead">${text.previewOnce}</p></div>
    <p><code>${data.url}</code></p>
    <p><a href="/admin/entities/${data.entity}">${text.back}</a></p>`;
}
