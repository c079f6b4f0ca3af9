import type { KoaContextWithOIDC } from 'oidc-provider';
import { registered } from './client-metadata.ts';
import type { ProviderOptions } from './options.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

/**
 * Pages of the library that send themselves: answers by `form_post`, the change to another person, a logout of nobody.
 * They are blank, in English, and their script is not one that our policy lets run. Ours take their place.
 */
export function ourForms({ clients, pages }: Pick<ProviderOptions, 'clients' | 'pages'>) {
  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next();
    const form = typeof ctx.body === 'string' ? sentForm(ctx.body) : undefined;
    if (!form) return;
    const { route, client, session } = ctx.oidc;
    if (form.action !== ctx.oidc.urlFor('end_session_confirm')) {
      await pages.sending(ctx, { ...form, why: 'answer', client: client && registered(client) });
      // To the browser it is no error, whatever it carries: web views and proxies put pages of their own in its place.
      ctx.status = 200;
      return;
    }
    const asking = await clients.find((session?.state?.['clientId'] as string | undefined) ?? '');
    await pages.sending(ctx, {
      ...form,
      why: route === 'resume' ? 'another-person' : 'leaving',
      client: asking,
    });
  };
}

/** A form of the library's that sends itself; undefined for any other page. */
function sentForm(page: string) {
  const action = /<title>Submitting Callback<\/title>[^]*<form method="post" action="([^"]*)">/.exec(
    page,
  )?.[1];
  if (action === undefined) return undefined;
  const inputs = [...page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"\/>/g)];
  const fields = inputs.map(([, name = '', value = '']) => [name, unescaped(value)] as const);
  return { action: unescaped(action), fields: Object.fromEntries(fields) };
}

function unescaped(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity);
}
