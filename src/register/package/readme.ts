/** What goes with every package: what is in it, and how to verify it with nothing but openssl and sha256sum. */
export const README = `ESTRATTO FIRMATO DAL REGISTRO DELLE TRANSAZIONI SPID

Ogni file porta nel nome il numero della transazione e quello della voce in essa, come la relazione li conta:
002-003-granted è la terza voce della seconda transazione.

relazione.html    la relazione da leggere: si apre in un browser, senza rete
messaggi/         i messaggi SAML byte per byte come sono stati inviati o ricevuti
                  (.query.txt: la query string firmata, dove il messaggio è passato per Redirect)
prove/            di ogni voce del registro tutto ciò che era conservato cifrato
certificati/      i certificati che hanno verificato le firme, a suo tempo
metadata/         i metadata in vigore a suo tempo, da cui quei certificati sono presi
catena/           la prova che le voci stavano nella catena del registro quando è stata sigillata
sigilli/          i sigilli della catena (JWS) e, dove ci sono, le marche temporali (RFC 3161, .tst)
manifest.json     l'elenco delle voci con l'esito della verifica di ogni firma
certificato.pem   il certificato di chi firma l'estratto: quello dell'ente nei metadata SPID
SHA256SUMS        l'impronta di ogni file; SHA256SUMS.p7s ne è la firma (CMS, staccata)

COME SI VERIFICA

1. La firma dell'elenco delle impronte:
   openssl cms -verify -binary -inform DER -in SHA256SUMS.p7s -content SHA256SUMS -CAfile certificato.pem -purpose any -out /dev/null

2. Le impronte di tutti i file:
   sha256sum --check --strict SHA256SUMS

3. Che il certificato sia quello dell'ente: si confronta con i metadata pubblicati da AgID
   openssl x509 -in certificato.pem -noout -subject -fingerprint -sha256

4. La catena: per ogni voce di catena/*.json l'impronta "hash" è SHA-256 del testo JSON di "fields" (senza spazi);
   il penultimo valore di "fields" è SHA-256 del file in prove/. Da "hash" si sale con "path" (RFC 9162, 2.1.3: foglia
   SHA-256(0x00 || hash), nodo SHA-256(0x01 || sinistra || destra)) fino al valore "tree.root" firmato nel sigillo.
   Tutte le impronte sono in base64url.
`;
