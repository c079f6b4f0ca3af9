import { randomBytes } from 'node:crypto';
import { isToldOfLogouts, type Client } from '../clients/client.ts';
import type { ClientRegister } from '../clients/register.ts';
import type { ProviderPages } from '../provider/options.ts';
import { frameFor, showProblem, type WebOptions } from '../web/app.ts';
import { applyPolicy } from '../web/headers.ts';
import { languageOf } from '../web/language.ts';
import { leavingPage, loggedOutPage, logoutPage } from '../web/pages/logout.ts';

/** The pages that the OpenID Provider shows, in our frame. */
export function providerPages(web: Omit<WebOptions, 'cookieKeys'>, clients: ClientRegister): ProviderPages {
  return {
    problem(ctx, { code, status }) {
      // What is wrong with the request of a service is said to the service's developer by code, to the citizen in words.
      showProblem(ctx, web, status, status >= 500 ? 'internal' : 'client-fault', code);
    },
    logoutQuestion(ctx, { action, xsrf, client }) {
      const language = languageOf(ctx);
      applyPolicy(ctx, { leadsTo: client?.postLogoutRedirectUris ?? [] }, web.publicUrl);
      ctx.type = 'html';
      ctx.body = logoutPage(frameFor(ctx, web, language), { service: client?.name[language], action, xsrf });
    },
    leaving(ctx, { action, xsrf, client }) {
      const nonce = randomBytes(16).toString('base64');
      applyPolicy(ctx, { nonce, leadsTo: client?.postLogoutRedirectUris ?? [] }, web.publicUrl);
      const language = languageOf(ctx);
      ctx.type = 'html';
      ctx.body = leavingPage(frameFor(ctx, web, language), {
        service: client?.name[language],
        action,
        xsrf,
        nonce,
      });
    },
    async loggedOut(ctx, client, closed) {
      const language = languageOf(ctx);
      const entered = (await Promise.all((closed?.clients ?? []).map((id) => clients.find(id)))).filter(
        (service) => service !== undefined,
      );
      const isClosed = (service: Client) => service.id === client?.id || isToldOfLogouts(service);
      const names = (services: readonly Client[]) => services.map(({ name }) => name[language]);
      ctx.type = 'html';
      ctx.body = loggedOutPage(frameFor(ctx, web, language), {
        home: client?.homePage,
        services: names(entered.filter(isClosed)),
        untold: names(entered.filter((service) => !isClosed(service))),
        providerMayRemember: closed?.providerMayRemember ?? true,
      });
    },
  };
}
