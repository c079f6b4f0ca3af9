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
sigilli/          i sigilli della catena (JWS), le loro parti (.json, .sig, .pem) e, dove ci sono, le marche temporali
                  (RFC 3161, .tst)
manifest.json     l'elenco delle voci con l'esito della verifica di ogni firma
certificato.pem   il certificato di chi firma l'estratto: quello dell'ente nei metadata SPID
SHA256SUMS        l'impronta di ogni file; SHA256SUMS.p7s ne è la firma (CMS, staccata)

COME SI VERIFICA

Nella cartella in cui l'estratto è stato aperto, con openssl (1.1.1 o successivo) e la shell bash. Se niente è stato
alterato il primo comando scrive "CMS Verification successful", il secondo "OK" per ogni file.

1. La firma dell'elenco delle impronte, anche se nel frattempo il certificato è scaduto:
   openssl cms -verify -binary -inform DER -in SHA256SUMS.p7s -content SHA256SUMS -CAfile certificato.pem -no_check_time -purpose any -out /dev/null

2. Le impronte di tutti i file:
   sha256sum --check --strict SHA256SUMS

3. Che il certificato sia quello dell'ente. Sta nei metadata dell'ente, che AgID pubblica; il comando scrive quali tra
   quelli allegati lo contengono:
   grep -lF "$(openssl x509 -in certificato.pem -outform DER | openssl base64 -A)" metadata/*.xml
   Se sono passati anni, i metadata di allora si possono chiedere ad AgID; l'impronta con cui confrontarli è
   openssl x509 -in certificato.pem -noout -subject -dates -fingerprint -sha256

4. I sigilli del registro (che cosa dice ciascuno è nel file .json, chi l'ha firmato nel file .pem); per ognuno "Verified OK":
   for s in sigilli/*.jws; do cut -d. -f1,2 "$s" | tr -d '\\n' | openssl dgst -sha256 -verify <(openssl x509 -in "\${s%.jws}.pem" -pubkey -noout) -signature "\${s%.jws}.sig" || echo "$s: NON VALIDO"; done
   La marca temporale di un sigillo (.tst), con il certificato radice dell'autorità che l'ha apposta:
   openssl ts -verify -data SIGILLO.jws -in SIGILLO.jws.tst -token_in -CAfile AUTORITA.pem

5. La firma di un messaggio, con xmlsec1 e il certificato che la relazione nomina:
   xmlsec1 --verify --enabled-key-data rsa --pubkey-cert-pem certificati/IMPRONTA.pem --id-attr:ID AuthnRequest --id-attr:ID Response --id-attr:ID Assertion messaggi/NOME.xml

6. La catena, con un programma: per ogni voce di catena/*.json l'impronta "hash" è SHA-256 del testo JSON di "fields"
   (senza spazi); il penultimo valore di "fields" è SHA-256 del file in prove/. Da "hash" si sale con "path" (RFC 9162,
   2.1.3: foglia SHA-256(0x00 || hash), nodo SHA-256(0x01 || sinistra || destra)) fino al valore "tree.root" firmato nel
   sigillo. Tutte queste impronte sono in base64url. Quella di una prova:
   openssl dgst -sha256 -binary prove/NOME.json | openssl base64 -A | tr '+/' '-_' | tr -d =
`;
