import { entityOf, publicUrlOf, type Answers } from './answers.ts';

/** The configuration of a new gateway, as text for people. Every value is written as JSON, which YAML reads. */
export function configurationFile(
  answers: Answers,
  { passphrase, storeUrl }: { readonly passphrase: object; readonly storeUrl: string },
): string {
  const { organization, contact, ...entity } = entityOf(answers);
  const sets = entity.attributeSets.map(
    ({ index, name, attributes }) =>
      `      - index: ${index}\n        name: ${json(name)}\n        attributes: [${attributes.join(', ')}]\n`,
  );
  const contacts = Object.entries(contact).map(([key, value]) => `      ${key}: ${json(value)}\n`);
  return `# Configuration of the SPID gateway. gateway.example.yaml in its folder explains every key and has more of them.

publicUrl: ${json(publicUrlOf(answers))}
# The proxy that ends TLS leads here (deploy/nginx.conf), and overwrites X-Forwarded-For.
listen: { host: 127.0.0.1, port: 3000 }
behindProxy: true

# sqlite:<path> for one process, postgres://… for several.
store: { url: ${json(storeUrl)} }

keys:
  directory: keys
  passphrase: ${json(passphrase)}

# What citizens read on every page.
brand:
  name: ${json({ it: organization.displayName.it })}
  privacyUrl: ${json(answers['privacy'])}
  accessibilityUrl: ${json(answers['accessibility'])}
  supportUrl: ${json(answers['support'])}

# The bodies that appear in SPID, each with its own metadata (docs/entities.md).
entities:
  - id: ${entity.id}
    # Immutable once sent to AgID.
    entityId: ${json(entity.entityId)}
    organization:
      name: ${json({ it: organization.name.it })}
      displayName: ${json({ it: organization.displayName.it })}
      url: ${json({ it: organization.url.it })}
    contact:
${contacts.join('')}    locality: ${json(entity.locality)}
    # Indexes are for ever: never renumber, never reuse.
    attributeSets:
${sets.join('')}
# Services are registered in the console (/admin) or declared here.
clients: []

sources:
  spid:
    # AgID's list of identity providers, fetched every hour.
    identityProviders: { registry: {} }
`;
}

function json(value: unknown): string {
  return JSON.stringify(value);
}
