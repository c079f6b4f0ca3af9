import type { Brand } from '../web/brand.ts';
import type { Html } from '../web/html.ts';
import { html } from '../web/html.ts';
import { layout, type PageFrame } from '../web/layout.ts';
import type { Assets } from '../web/static/assets.ts';

/** Who a demo page belongs to. */
export function demoBrand(name: string, url: string): Brand {
  return {
    name: { it: name, en: name },
    privacyUrl: `${url}/`,
    accessibilityUrl: `${url}/`,
    supportUrl: `${url}/`,
  };
}

export function demoPage(brand: Brand, assets: Assets, title: string, body: Html): string {
  const frame: PageFrame = { language: 'it', brand, asset: assets.url };
  return layout(frame, {
    title,
    body: html`<div class="row justify-content-center">
      <div class="col-12 col-lg-8">
        <h1 class="h2">${title}</h1>
        ${body}
      </div>
    </div>`,
  });
}
