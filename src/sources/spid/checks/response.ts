import { NAMEID_ENTITY, NS, STATUS_SUCCESS } from '../../../saml/names.ts';
import { statusCode } from '../response-context.ts';
import { issueInstantFault, issuerFault, present, unless, type Check } from './check.ts';

/** Section 5.1. The Response. R7 comes after Issuer: an error message is believed only from the provider asked. */
export const RESPONSE: readonly Check[] = [
  {
    id: 'R2',
    rule: 'Version is 2.0.',
    test: ({ response }) => unless(response?.attribute('Version') === '2.0', 'another Version'),
  },
  {
    id: 'R3',
    rule: 'IssueInstant is a date with zone, not before the request and not in the future.',
    test: (context) => issueInstantFault(context, context.response),
  },
  {
    id: 'R4',
    rule: 'InResponseTo is the ID of the request.',
    test: ({ response, pending }) =>
      unless(
        present(pending?.id) && response?.attribute('InResponseTo') === pending?.id,
        'another InResponseTo',
      ),
  },
  {
    id: 'R5',
    rule: 'Destination is exactly the URL of the assertion consumer service.',
    test: ({ response, pending }) =>
      unless(
        present(pending?.acsUrl) && response?.attribute('Destination') === pending?.acsUrl,
        'another Destination',
      ),
  },
  {
    id: 'R6',
    rule: 'There is a status code.',
    test: ({ response }) => unless(present(statusCode(response)?.attribute('Value')), 'no status code'),
  },
  {
    id: 'R8',
    rule: 'Issuer is the provider that was asked.',
    test: ({ response, pending }) => issuerFault(response, pending?.provider),
  },
  {
    id: 'R9',
    rule: 'Format of Issuer is absent or "entity".',
    test: ({ response }) => {
      const format = response?.child(NS.saml, 'Issuer')?.attribute('Format');
      return unless(format === undefined || format === NAMEID_ENTITY, 'another Format');
    },
  },
  {
    id: 'R7',
    rule: 'The status is Success; anything else ends the login with the page for its anomaly.',
    test: ({ response }) =>
      unless(statusCode(response)?.attribute('Value') === STATUS_SUCCESS, 'not Success'),
  },
  {
    id: 'R10',
    rule: 'There is exactly one Assertion.',
    test: ({ arrivedAssertions }) => unless(arrivedAssertions.length === 1, 'not exactly one Assertion'),
  },
];
