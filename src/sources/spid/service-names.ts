/**
 * Names by which citizens know the providers. Organisation names in the metadata are company names, in one case an
 * address (spid-registry-and-idps, 2 and 3); a provider that is not listed here goes by its organisation's name.
 */
const SERVICE_NAMES: Readonly<Record<string, string>> = {
  'https://loginspid.aruba.it': 'Aruba ID',
  'https://id.eht.eu': 'Etna ID',
  'https://loginspid.infocamere.it': 'ID InfoCamere',
  'https://identity.infocert.it': 'InfoCert ID',
  'https://idp.intesigroup.com': 'Intesi Group SPID',
  'https://id.lepida.it/idp/shibboleth': 'Lepida ID',
  'https://idp.namirialtsp.com/idp': 'Namirial ID',
  'https://posteid.poste.it': 'Poste ID',
  'https://spid.register.it': 'SpidItalia',
  'https://identity.sieltecloud.it': 'Sielte ID',
  'https://spid.teamsystem.com/idp': 'TeamSystem ID',
  'https://login.id.tim.it/affwebservices/public/saml2sso': 'TIM ID',
};

export function serviceNameOf(entityId: string): string | undefined {
  return SERVICE_NAMES[entityId];
}
