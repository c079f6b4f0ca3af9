import type { Context } from 'koa';
import type { Localised } from '../identity/language.ts';
import { frameFor } from '../web/app.ts';
import type { Brand } from '../web/brand.ts';
import { html, type Html } from '../web/html.ts';
import { languageOf } from '../web/language.ts';
import { layout } from '../web/layout.ts';
import type { Assets } from '../web/static/assets.ts';

/** One of the demo's sites: what all of its pages share. */
export interface Site {
  readonly url: string;
  readonly brand: Brand;
  readonly assets: Assets;
}

export function demoSite(name: Localised, url: string, assets: Assets): Site {
  const home = `${url}/`;
  return { url, assets, brand: { name, privacyUrl: home, accessibilityUrl: home, supportUrl: home } };
}

/** Answers with a page, in the citizen's language. */
export function showPage(ctx: Context, { brand, assets }: Site, title: string, body: Html): void {
  ctx.type = 'html';
  ctx.body = layout(frameFor(ctx, { brand, assets }, languageOf(ctx)), {
    title,
    body: html`<div class="row justify-content-center">
      <div class="col-12 col-lg-8">
        <h1 class="h2">${title}</h1>
        ${body}
      </div>
    </div>`,
  });
}
