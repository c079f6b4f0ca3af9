import { html, type Html } from '../../web/html.ts';
import { layout, type PageFrame } from '../../web/layout.ts';
import { consoleMessages } from '../../web/messages/console.ts';
import { OPERATIONS, type Operation } from '../operations.ts';
import { scopeOf } from '../roles.ts';
import type { Visit } from '../room.ts';

/** Pages whose address does not begin as that of their section does. */
const OF_SERVICES = ['/admin/new-service', '/admin/registration-tokens'];

const SECTIONS = [
  { id: 'services', path: '/admin/services', operation: 'services.read' },
  { id: 'entities', path: '/admin/entities', operation: 'entities.read' },
  { id: 'providers', path: '/admin/providers', operation: 'providers.read' },
  { id: 'logins', path: '/admin/logins', operation: 'logins.read' },
  { id: 'trace', path: '/admin/trace', operation: 'trace.read' },
  { id: 'reports', path: '/admin/reports', operation: 'reports.read' },
  { id: 'register', path: '/admin/register', operation: 'register.decide' },
  { id: 'administrators', path: '/admin/administrators', operation: 'administrators.read' },
  { id: 'keys', path: '/admin/keys', operation: 'keys.read' },
  { id: 'invitations', path: '/admin/invitations', operation: 'invitations.read' },
  { id: 'audit', path: '/admin/audit', operation: 'audit.read' },
  { id: 'settings', path: '/admin/settings', operation: 'settings.read' },
] as const satisfies readonly { id: string; path: string; operation: Operation }[];

/** A page of the console: who is signed in, the sections that her roles open, one heading. */
export function consolePage(
  frame: PageFrame,
  page: {
    readonly title: string;
    readonly body: Html;
    readonly script?: string;
    readonly parents?: readonly { readonly title: string; readonly path: string }[];
    /** What she has to know before she goes on. */
    readonly notice?: string | undefined;
    readonly at: string;
    readonly visit: Pick<Visit, 'session' | 'grants'>;
  },
): string {
  const text = consoleMessages[frame.language];
  const { session, grants } = page.visit;
  const current = OF_SERVICES.some((path) => page.at.startsWith(path)) ? '/admin/services' : page.at;
  const section = SECTIONS.find(({ path }) => current.startsWith(path));
  const above =
    section === undefined || section.path === page.at
      ? []
      : [
          { title: text.section[section.id], path: section.path },
          ...(page.parents ?? []).map(({ title, path }) => ({ title, path: `/admin${path}` })),
        ];
  const open = SECTIONS.filter(({ operation }) => scopeOf(grants, OPERATIONS[operation]));
  return layout(frame, {
    title: `${page.title} – ${text.console}`,
    ...(page.script === undefined
      ? {}
      : { head: html`<script src="${frame.asset(page.script)}" type="module"></script>` }),
    body: html`<div class="console-bar">
        <nav aria-label="${text.sections}">
          <ul class="console-sections list-unstyled">
            ${open.map(
              ({ id, path }) =>
                html`<li>
                  <a href="${path}" ${path === section?.path ? html`aria-current="page"` : undefined}
                    >${text.section[id]}</a
                  >
                </li>`,
            )}
          </ul>
        </nav>
        <form method="post" action="/admin/sign-out" class="console-who">
          <input type="hidden" name="csrf" value="${session.csrf}" />
          <span>${session.name}</span>
          <button class="btn btn-outline-primary" type="submit">${text.signOut}</button>
        </form>
      </div>
      ${
        above.length === 0
          ? undefined
          : html`<nav aria-label="${text.path}">
              <ol class="console-path list-unstyled">
                ${above.map(({ title, path }) => html`<li><a href="${path}">${title}</a></li>`)}
              </ol>
            </nav>`
      }
      <h1 class="h2">${page.title}</h1>
      ${page.notice && html`<div class="console-warnings" role="status"><p>${page.notice}</p></div>`}
      ${page.body}`,
  });
}
