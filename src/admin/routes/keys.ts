import { consoleMessages } from '../../web/messages/console.ts';
import { keysBody } from '../pages/keys.ts';
import type { ConsoleRoom, ConsoleRoute } from '../room.ts';

/** When keys and certificates end. They are changed where they are: on the command line. */
export function keyRoutes(room: ConsoleRoom): ConsoleRoute[] {
  return [
    {
      method: 'GET',
      path: '/keys',
      operation: 'keys.read',
      answer: ({ language }) => ({
        title: consoleMessages[language].section.keys,
        body: keysBody(language, room.calendar()),
      }),
    },
  ];
}
