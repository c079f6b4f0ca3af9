import { afterAll, beforeAll, expect, it } from 'vitest';
import { postBinding, redirectBinding } from '../../../src/saml/bindings.ts';
import { signEnveloped } from '../../../src/saml/signature.ts';
import { parseXml } from '../../../src/saml/xml.ts';
import type { LogoutArrival } from '../../../src/sources/spid/logout-message.ts';
import { acceptLogoutResponse } from '../../../src/sources/spid/sign-out.ts';
import { describeStores } from '../../support/stores.ts';
import { ENTITY, newKey, type TestKey } from './fixtures.ts';
import { logoutResponseXml, NOW, PROVIDER, signOutRoom, SLO } from './sign-out-room.ts';

describeStores('single logout asked by a citizen (spid-register-and-logout, 3.1 to 3.4)', (openUrl) => {
  let room: Awaited<ReturnType<typeof signOutRoom>>;
  let provider: TestKey;
  let foreign: TestKey;

  beforeAll(async () => {
    const [own, ...others] = await Promise.all([newKey('own'), newKey('provider'), newKey('foreign')]);
    [provider, foreign] = others;
    room = await signOutRoom(await openUrl(), { own, provider });
  });
  afterAll(() => room.store.close());

  const byPost = (xml: string, relayState: string, key = provider): LogoutArrival => ({
    binding: 'post',
    form: new Map(
      Object.entries(postBinding('SAMLResponse', signEnveloped(xml, key, 'after-issuer'), relayState)),
    ),
  });
  const byRedirect = (xml: string, relayState: string, key = provider): LogoutArrival => ({
    binding: 'redirect',
    rawQuery: redirectBinding(SLO, 'SAMLResponse', xml, relayState, key).query,
  });
  const accept = (arrival: LogoutArrival) =>
    acceptLogoutResponse(room.options, ENTITY, arrival, room.journey);
  const outcomeOf = async (ticket: string) => (await room.signOuts.find(ticket))?.outcome;

  it.each(['post', 'redirect'] as const)(
    'sends a request by %s with the NameID and SessionIndex of the assertion, valid against the schema',
    async (binding) => {
      const { xml, departure } = await room.leave(binding);
      using document = parseXml(Buffer.from(xml), { bytes: 100_000 });
      expect(document.violations('protocol')).toEqual([]);
      expect(xml).toContain(`Destination="${PROVIDER}/slo"`);
      expect(xml).toContain(
        `<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient" NameQualifier="${PROVIDER}">_n5d0c</saml:NameID><samlp:SessionIndex>_s77</samlp:SessionIndex>`,
      );
      expect(departure.kind).toBe(binding === 'post' ? 'form' : 'redirect');
    },
  );

  it.each([
    ['Success', ['Success'], 'closed'],
    ['Requester and PartialLogout, as the rules want it', ['Requester', 'PartialLogout'], 'partly'],
    ['Responder and PartialLogout', ['Responder', 'PartialLogout'], 'partly'],
    ['Success and PartialLogout', ['Success', 'PartialLogout'], 'partly'],
    ['PartialLogout alone', ['PartialLogout'], 'partly'],
    ['a refusal', ['Responder', 'RequestDenied'], 'refused'],
  ] as const)('takes %s', async (_what, status, outcome) => {
    for (const pack of [byPost, byRedirect]) {
      const { id, relayState, path, ticket } = await room.leave('post');
      expect(await accept(pack(logoutResponseXml(id, { status }), relayState))).toBe(path);
      expect(await outcomeOf(ticket)).toBe(outcome);
    }
  });

  type Bad = (id: string, relayState: string) => LogoutArrival;
  const bad: readonly (readonly [string, Bad, string])[] = [
    [
      'unsigned by POST',
      (id, relayState) => ({
        binding: 'post',
        form: new Map(Object.entries(postBinding('SAMLResponse', logoutResponseXml(id), relayState))),
      }),
      'logout_signature',
    ],
    [
      'unsigned by Redirect',
      (id, relayState) => ({
        binding: 'redirect',
        rawQuery: (byRedirect(logoutResponseXml(id), relayState) as { rawQuery: string }).rawQuery.replace(
          /&SigAlg.*/,
          '',
        ),
      }),
      'missing_parameter',
    ],
    [
      'signed by another, by POST',
      (id, relay) => byPost(logoutResponseXml(id), relay, foreign),
      'logout_signature',
    ],
    [
      'signed by another, by Redirect',
      (id, relay) => byRedirect(logoutResponseXml(id), relay, foreign),
      'signature',
    ],
    [
      'with another RelayState under the signature',
      (id) => byRedirect(logoutResponseXml(id), 'swapped'),
      'logout_relay_state',
    ],
    ['with another RelayState', (id) => byPost(logoutResponseXml(id), 'swapped'), 'logout_relay_state'],
    [
      'for another address',
      (id, relay) => byPost(logoutResponseXml(id, { destination: 'https://x.example.it/' }), relay),
      'logout_invalid',
    ],
    [
      'from nobody we know',
      (id, relay) => byPost(logoutResponseXml(id, { issuer: 'https://x.example.it' }), relay),
      'logout_issuer',
    ],
    [
      'from another provider than asked',
      (id, relay) => byPost(logoutResponseXml(id, { issuer: 'https://other.example.it' }), relay),
      'logout_unsolicited',
    ],
    [
      'to a request of nobody',
      (_id, relay) => byPost(logoutResponseXml('_invented'), relay),
      'logout_unsolicited',
    ],
    ['to nothing', (_id, relay) => byPost(logoutResponseXml(''), relay), 'logout_invalid'],
    [
      'too old',
      (id, relay) => byPost(logoutResponseXml(id, { instant: '2026-03-05T18:20:00Z' }), relay),
      'logout_invalid',
    ],
    [
      'of the future',
      (id, relay) => byPost(logoutResponseXml(id, { instant: '2026-03-05T18:40:00Z' }), relay),
      'logout_invalid',
    ],
    ['wrapped around a captured one', (id, relay) => byPost(wrapped(id), relay), 'logout_signature'],
    [
      'another message with a good signature',
      (id, relay) => byPost(logoutResponseXml(id).replaceAll('LogoutResponse', 'Response'), relay),
      'logout_invalid',
    ],
  ];

  /** A genuine answer, to something else, hidden in a forged one that carries its signature. */
  function wrapped(id: string): string {
    const captured = signEnveloped(
      logoutResponseXml('_earlier', { id: '_captured' }),
      provider,
      'after-issuer',
    );
    const signature = /<ds:Signature .*<\/ds:Signature>/.exec(captured)?.[0] ?? '';
    return logoutResponseXml(id).replace(
      '</saml:Issuer>',
      () =>
        `</saml:Issuer>${signature}<samlp:Extensions>${captured.replace(signature, '')}</samlp:Extensions>`,
    );
  }

  it.each(bad)(
    'refuses an answer that is %s; the citizen has left here all the same',
    async (_what, make, code) => {
      const { id, relayState, ticket } = await room.leave('post');
      await expect(accept(make(id, relayState))).rejects.toMatchObject({ code });
      expect(await outcomeOf(ticket)).toBe(null);
      // The right answer may still come.
      await accept(byPost(logoutResponseXml(id), relayState));
      expect(await outcomeOf(ticket)).toBe('closed');
    },
  );

  it('refuses an answer at the logout service of another body than asked', async () => {
    const { id, relayState, ticket } = await room.leave('post');
    const other = { ...ENTITY, id: 'vicino' };
    const xml = logoutResponseXml(id).replace(SLO, SLO.replace(`/${ENTITY.id}/`, `/${other.id}/`));
    expect(xml).toContain('/vicino/');
    const refused = acceptLogoutResponse(room.options, other, byPost(xml, relayState), room.journey);
    await expect(refused).rejects.toMatchObject({ code: 'logout_unsolicited' });
    expect(await outcomeOf(ticket)).toBe(null);
  });

  it('takes an answer once, of any number at the same time', async () => {
    const { id, relayState } = await room.leave('post');
    const arrival = byPost(logoutResponseXml(id), relayState);
    const answers = await Promise.allSettled(Array.from({ length: 8 }, () => accept(arrival)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(accept(arrival)).rejects.toMatchObject({ code: 'logout_replayed' });
  });

  it('takes no answer that comes after ten minutes', async () => {
    const { id, relayState } = await room.leave('post');
    const later = new Date(NOW.getTime() + 10 * 60_000);
    room.at(later);
    const late = byPost(logoutResponseXml(id, { instant: later.toISOString() }), relayState);
    await expect(accept(late)).rejects.toMatchObject({ code: 'logout_late' });
    room.at(NOW);
  });

  it('asks nobody who is switched off', async () => {
    const off = { entityId: PROVIDER, since: NOW, notice: { it: '', en: '' } };
    room.options.providers.switchOff([off]);
    await expect(room.leave('post')).rejects.toMatchObject({ code: 'no_single_logout' });
    room.options.providers.switchOff([]);
  });
});
