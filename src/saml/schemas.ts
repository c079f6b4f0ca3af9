import { readFileSync } from 'node:fs';
import {
  XmlBufferInputProvider,
  XmlDocument,
  XmlValidateError,
  XsdValidator,
  xmlRegisterInputProvider,
} from 'libxml2-wasm';

export type SchemaName = 'protocol' | 'metadata';

/** What the schema says against a document; empty when it is valid. */
export function schemaViolations(document: XmlDocument, schema: SchemaName): readonly string[] {
  try {
    validator(schema).validate(document);
    return [];
  } catch (error) {
    if (error instanceof XmlValidateError) return error.details.map((detail) => detail.message.trim());
    throw error;
  }
}

const FILES: Readonly<Record<SchemaName, string>> = {
  protocol: 'saml-schema-protocol-2.0.xsd',
  metadata: 'saml-schema-metadata-2.0.xsd',
};

const validators = new Map<SchemaName, XsdValidator>();

/** Schemas come from the folder beside this file, whatever address they name each other by. Loaded once. */
function validator(schema: SchemaName): XsdValidator {
  let found = validators.get(schema);
  if (!found) {
    if (validators.size === 0) registerSchemas();
    using document = XmlDocument.fromBuffer(schemaFile(FILES[schema]), { url: FILES[schema] });
    found = XsdValidator.fromDoc(document);
    validators.set(schema, found);
  }
  return found;
}

function registerSchemas(): void {
  const imported: Readonly<Record<string, string>> = {
    'saml-schema-assertion-2.0.xsd': 'saml-schema-assertion-2.0.xsd',
    'http://www.w3.org/TR/2002/REC-xmldsig-core-20020212/xmldsig-core-schema.xsd': 'xmldsig-core-schema.xsd',
    'http://www.w3.org/TR/2002/REC-xmlenc-core-20021210/xenc-schema.xsd': 'xenc-schema.xsd',
    'http://www.w3.org/TR/2002/REC-xmlenc-core-20021210/xmldsig-core-schema.xsd': 'xmldsig-core-schema.xsd',
    'xmldsig-core-schema.xsd': 'xmldsig-core-schema.xsd',
    'http://www.w3.org/2001/xml.xsd': 'xml.xsd',
  };
  const buffers = Object.entries(imported).map(([address, file]) => [address, schemaFile(file)] as const);
  xmlRegisterInputProvider(new XmlBufferInputProvider(Object.fromEntries(buffers)));
}

function schemaFile(name: string): Buffer {
  return readFileSync(`${import.meta.dirname}/schemas/${name}`);
}
