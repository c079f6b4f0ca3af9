import type { Migration } from 'kysely/migration';
import type { Dialect } from '../schema.ts';
import { first } from './0001-first.ts';
import { federation } from './0020-federation.ts';
import { signOuts } from './0021-sign-outs.ts';
import { entities } from './0030-entities.ts';
import { sessionIdentities } from './0040-session-identities.ts';
import { logoutNotices } from './0041-logout-notices.ts';
import { registerChain } from './0050-register-chain.ts';
import { registerProof } from './0051-register-proof.ts';
import { accessReports } from './0052-access-reports.ts';
import { portal } from './0060-portal.ts';
import { audit } from './0061-audit.ts';
import { loginBase } from './0042-login-base.ts';
import { admin } from './0062-admin.ts';
import { providerDisplays } from './0070-provider-displays.ts';
import { rateLimits } from './0090-rate-limits.ts';
import { apiIdempotency } from './0100-api-idempotency.ts';
import { secretNotices } from './0101-secret-notices.ts';
import { clientStates } from './0063-client-states.ts';
import { loginCounts } from './0110-login-counts.ts';
import { invitations } from './0111-invitations.ts';
import { registerDocuments } from './0120-register-documents.ts';
import { accessOutcomes } from './0122-access-outcomes.ts';
import { registerConsultations } from './0121-register-consultations.ts';
import { registrationTokens } from './0130-registration-tokens.ts';
import { portalLogouts } from './0160-portal-logouts.ts';
import { registerSearch } from './0140-register-search.ts';
import { loginCountsByMonth } from './0150-login-counts-by-month.ts';
import { clientProposals } from './0170-client-proposals.ts';
import { clientDevelopers } from './0151-client-developers.ts';
import { clientEpochs } from './0171-client-epochs.ts';
import { clientSearch } from './0152-client-search.ts';
import { loginCountsOfTests } from './0195-login-counts-of-tests.ts';
import { registerDocumentsUse } from './0185-register-documents-use.ts';
import { registryPins } from './0190-registry-pins.ts';

/** Migrations in order, a file each. One that has been released is never edited: add another. */
export function migrations(dialect: Dialect): Record<string, Migration> {
  return {
    '0001_first': first(dialect),
    '0020_federation': federation(dialect),
    '0021_sign_outs': signOuts(dialect),
    '0030_entities': entities(dialect),
    '0040_session_identities': sessionIdentities(),
    '0041_logout_notices': logoutNotices(dialect),
    '0050_register_chain': registerChain(dialect),
    '0051_register_proof': registerProof(dialect),
    '0052_access_reports': accessReports(),
    '0060_portal': portal(dialect),
    '0061_audit': audit(dialect),
    '0042_login_base': loginBase(),
    '0062_admin': admin(dialect),
    '0063_client_states': clientStates(),
    '0070_provider_displays': providerDisplays(dialect),
    '0090_rate_limits': rateLimits(dialect),
    '0100_api_idempotency': apiIdempotency(dialect),
    '0101_secret_notices': secretNotices(),
    '0110_login_counts': loginCounts(),
    '0111_invitations': invitations(dialect),
    '0120_register_documents': registerDocuments(dialect),
    '0121_register_consultations': registerConsultations(dialect),
    '0122_access_outcomes': accessOutcomes(),
    '0130_registration_tokens': registrationTokens(),
    '0160_portal_logouts': portalLogouts(),
    '0140_register_search': registerSearch(),
    '0150_login_counts_by_month': loginCountsByMonth(),
    '0170_client_proposals': clientProposals(dialect),
    '0151_client_developers': clientDevelopers(),
    '0171_client_epochs': clientEpochs(),
    '0152_client_search': clientSearch(),
    '0195_login_counts_of_tests': loginCountsOfTests(),
    '0185_register_documents_use': registerDocumentsUse(),
    '0190_registry_pins': registryPins(dialect),
  };
}
