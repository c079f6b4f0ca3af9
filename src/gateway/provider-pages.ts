import type { ProviderPages } from '../provider/options.ts';
import { frameFor, showProblem, type WebOptions } from '../web/app.ts';
import { languageOf } from '../web/language.ts';
import { loggedOutPage, logoutPage } from '../web/pages/logout.ts';

/** The pages that the OpenID Provider shows, in our frame. */
export function providerPages(web: Omit<WebOptions, 'cookieKeys'>): ProviderPages {
  return {
    problem(ctx, { code, status }) {
      // What is wrong with the request of a service is said to the service's developer by code, to the citizen in words.
      showProblem(ctx, web, status, status >= 500 ? 'internal' : 'client-fault', code);
    },
    logoutQuestion(ctx, { action, xsrf, client }) {
      const language = languageOf(ctx);
      ctx.type = 'html';
      ctx.body = logoutPage(frameFor(ctx, web, language), { service: client?.name[language], action, xsrf });
    },
    loggedOut(ctx, client) {
      ctx.type = 'html';
      ctx.body = loggedOutPage(frameFor(ctx, web, languageOf(ctx)), { home: client?.homePage });
    },
  };
}
