import { z } from 'zod';
import { Refused } from '../../../operations/errors.ts';

/** How a provider wants to be shown. Nobody signed it: it decides nothing but that. */
export interface ListedDisplay {
  readonly entityId: string;
  readonly name: string | undefined;
  /** https, as the list has it. */
  readonly logoUri: string | undefined;
}

/** Of a name, in characters; longer ones do not fit a button, shorter ones say nothing. */
const [SHORTEST, LONGEST] = [2, 60];

const entry = z.object({
  entity_id: z.string().min(1).max(1024),
  organization_name: z.unknown().optional(),
  logo_uri: z.unknown().optional(),
});

/**
 * Reads AgID's list for buttons: `organization_name`, `entity_id` and `logo_uri` of each provider
 * (spid-registry-and-idps, 1.1). What is odd about one entry harms no other.
 * @throws Refused `displays_invalid` when it is no list
 */
export function readDisplayList(bytes: Uint8Array): ListedDisplay[] {
  const entries = z.array(z.unknown()).max(500).safeParse(jsonOf(bytes)).data;
  if (!entries) throw new Refused('displays_invalid', 'the list of names and logos is no JSON array');
  const read = entries.flatMap((one): ListedDisplay[] => {
    const { data } = entry.safeParse(one);
    if (!data) return [];
    return [
      {
        entityId: data.entity_id,
        name: nameFrom(data.organization_name),
        logoUri: addressFrom(data.logo_uri),
      },
    ];
  });
  const names = read.map(({ name }) => name?.toLowerCase());
  return read.map((display, at) => ({
    ...display,
    // A name that two have would lead citizens to the wrong one.
    name: names.indexOf(names[at]) === names.lastIndexOf(names[at]) ? display.name : undefined,
  }));
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}

/** A name that can stand on a button: letters, with nothing that hides or turns round, and no address. */
function nameFrom(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const name = value.normalize('NFC').replace(/ +/g, ' ').trim();
  const fits = name.length >= SHORTEST && name.length <= LONGEST;
  return fits && /\p{L}/u.test(name) && !/\p{C}|\p{Zl}|\p{Zp}|:\/\//u.test(name) ? name : undefined;
}

function addressFrom(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 1024 || !URL.canParse(value)) return undefined;
  const { protocol, username, href } = new URL(value);
  return (protocol === 'https:' || protocol === 'http:') && username === '' ? href : undefined;
}
