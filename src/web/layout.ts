import { otherThan, type Language } from '../identity/language.ts';
import type { Brand } from './brand.ts';
import { html, type Html } from './html.ts';
import { messages } from './messages/index.ts';

export interface PageFrame {
  readonly language: Language;
  readonly brand: Brand;
  /** Address of an asset by its name. */
  readonly asset: (name: string) => string;
  /** This page in the other language; absent where asking again would repeat something. */
  readonly alternateUrl?: string | undefined;
}

/** Every page: one heading, a way past the header, the language, nothing from other origins, no script of its own. */
export function layout(
  frame: PageFrame,
  content: { readonly title: string; readonly body: Html; readonly head?: Html },
): string {
  const { language, brand, asset, alternateUrl } = frame;
  const text = messages(language).layout;
  const other = otherThan(language);
  const page = html`<html lang="${language}">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>${content.title} – ${brand.name[language]}</title>
      <link rel="icon" href="${asset('icon.svg')}" type="image/svg+xml" />
      <link rel="stylesheet" href="${asset('bootstrap-italia.css')}" />
      <link rel="stylesheet" href="${asset('site.css')}" />
      ${content.head}
    </head>
    <body>
      <div class="skiplinks"><a class="visually-hidden-focusable" href="#main">${text.skip}</a></div>
      <header class="site-header">
        <div class="container d-flex justify-content-between align-items-center">
          <span class="site-name">${brand.name[language]}</span>
          ${alternateUrl && html`<a class="site-language" href="${alternateUrl}" lang="${other}" hreflang="${other}">${text.otherLanguage}</a>`}
        </div>
      </header>
      <main id="main" class="container py-4 py-lg-5" tabindex="-1">${content.body}</main>
      <footer class="site-footer">
        <div class="container">
          <nav aria-label="${text.footer}">
            <ul class="list-inline mb-0">
              <li><a href="${brand.privacyUrl}">${text.privacy}</a></li>
              <li><a href="${brand.accessibilityUrl}">${text.accessibility}</a></li>
              <li><a href="${brand.supportUrl}">${text.support}</a></li>
            </ul>
          </nav>
        </div>
      </footer>
    </body>
  </html>`;
  return `<!doctype html>\n${page.toString()}`;
}
