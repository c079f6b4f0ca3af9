import { consoleMessages } from '../../web/messages/console.ts';
import { settingsBody } from '../pages/settings.ts';
import type { ConsoleRoom, ConsoleRoute } from '../room.ts';

/** What the gateway was told, and by whom; secrets stay secret. */
export function settingsRoutes(room: ConsoleRoom): ConsoleRoute[] {
  return [
    {
      method: 'GET',
      path: '/settings',
      operation: 'settings.read',
      answer: ({ language }) => ({
        title: consoleMessages[language].section.settings,
        body: settingsBody(language, room.settings),
      }),
    },
  ];
}
