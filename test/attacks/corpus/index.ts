import type { Case } from '../../../src/selfcheck/cases/case.ts';
import { CONTENT_ATTACKS } from './content.ts';
import { KEY_ATTACKS } from './keys.ts';
import { REFERENCE_ATTACKS } from './references.ts';
import { SIGNATURE_ATTACKS } from './signature.ts';
import { WRAPPING_ATTACKS } from './wrapping.ts';
import { doctypes, XML_ATTACKS } from './xml.ts';

/**
 * Every published way to make a service provider believe what no identity provider said, as far as it comes by POST to
 * the assertion consumer service, each made of a fresh correct answer.
 * @param canary port of a listener that must never be called
 */
export const attacks = (canary: number): readonly Case[] => [
  ...WRAPPING_ATTACKS,
  ...SIGNATURE_ATTACKS,
  ...KEY_ATTACKS,
  ...REFERENCE_ATTACKS,
  ...XML_ATTACKS,
  ...doctypes(canary),
  ...CONTENT_ATTACKS,
];
