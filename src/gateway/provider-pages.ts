import { randomBytes } from 'node:crypto';
import { isToldOfLogouts, type Client } from '../clients/client.ts';
import type { ClientRegister } from '../clients/register.ts';
import type { ProviderPages } from '../provider/options.ts';
import { frameFor, showProblem, type WebOptions } from '../web/app.ts';
import { applyPolicy } from '../web/headers.ts';
import { languageOf } from '../web/language.ts';
import { loggedOutPage, logoutPage, stayedPage } from '../web/pages/logout.ts';
import { sendingPage } from '../web/pages/sending.ts';

/** The pages that the OpenID Provider shows, in our frame. */
export function providerPages(web: Omit<WebOptions, 'cookieKeys'>, clients: ClientRegister): ProviderPages {
  return {
    problem(ctx, { code, status }) {
      // What is wrong with the request of a service is said to the citizen in words, and to its developer by code.
      showProblem(ctx, web, status, status >= 500 ? 'internal' : 'client-fault', code);
    },
    logoutQuestion(ctx, { action, xsrf, client }) {
      const language = languageOf(ctx);
      applyPolicy(ctx, { leadsTo: client?.postLogoutRedirectUris ?? [] }, web.publicUrl);
      ctx.type = 'html';
      ctx.body = logoutPage(frameFor(ctx, web, language), { service: client?.name[language], action, xsrf });
    },
    sending(ctx, { why, action, fields, client }) {
      const nonce = randomBytes(16).toString('base64');
      const { redirectUris = [], postLogoutRedirectUris = [] } = client ?? {};
      const leadsTo = why === 'leaving' ? postLogoutRedirectUris : redirectUris;
      applyPolicy(ctx, { nonce, leadsTo }, web.publicUrl);
      const language = languageOf(ctx);
      const service = client?.name[language];
      ctx.type = 'html';
      // Asked for again in another language it would be another request.
      const frame = { ...frameFor(ctx, web, language), alternateUrl: undefined };
      ctx.body = sendingPage(frame, { why, service, action, fields, nonce });
    },
    async loggedOut(ctx, closed) {
      const language = languageOf(ctx);
      const entered = (await Promise.all((closed?.clients ?? []).map((id) => clients.find(id)))).filter(
        (service) => service !== undefined,
      );
      const names = (services: readonly Client[]) => services.map(({ name }) => name[language]);
      ctx.type = 'html';
      ctx.body = loggedOutPage(frameFor(ctx, web, language), {
        services: names(entered.filter(isToldOfLogouts)),
        untold: names(entered.filter((service) => !isToldOfLogouts(service))),
        providerMayRemember: closed?.providerMayRemember ?? true,
      });
    },
    stayed(ctx, { name, homePage }) {
      const language = languageOf(ctx);
      ctx.type = 'html';
      ctx.body = stayedPage(frameFor(ctx, web, language), { service: name[language], home: homePage });
    },
  };
}
