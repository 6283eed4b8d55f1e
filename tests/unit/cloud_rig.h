/**
 * @file tests/unit/cloud_rig.h  A small cloud over TLS in the test's process
 *
 *   https  POST /session.json, anything else: the request's token is checked
 *   wss    XMPP framing: SASL PLAIN, bind, ping
 *
 * It runs on the same loop by libre's HTTP server, with a CA of its own.
 */
#include <unistd.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include "testutil.h"
#include "cube/xml.h"


struct cloud {
	struct http_sock *sock;
	struct websock *ws;
	struct websock_conn *conn;      /**< The last one                  */
	uint16_t port;
	char dir[64];
	char ca[128];                   /**< Path of the CA's certificate  */
	char url[64], chat[64];

	const char *password;           /**< What REST and SASL accept     */
	char token[32];                 /**< The valid one, ""=none        */
	bool chat_token;                /**< SASL wants the token          */
	unsigned sessionc, otherc, connc, authc, pingc, readyc;
	unsigned fail_times, fail_status, retry_after;
	unsigned drop_times;            /**< Requests that get no answer   */
	bool authed;
	bool mute;                      /**< Does not answer on the ws     */
	char stanza[2048];              /**< The last message stanza       */
};

static struct cloud cl;

static EVP_PKEY *ca_key;
static X509 *ca_cert;


static inline X509 *make_cert(EVP_PKEY *key, const char *name, long days,
			      bool ca)
{
	X509 *x = X509_new();
	X509_EXTENSION *ext;
	char san[64];

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), (long)rand_u16() + 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -86400L * 30);
	X509_gmtime_adj(X509_getm_notAfter(x), 86400L * days);
	X509_set_pubkey(x, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN",
				   MBSTRING_ASC, (const uint8_t *)name, -1,
				   -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(ca ? x : ca_cert));

	re_snprintf(san, sizeof(san), "DNS:%s", name);
	ext = X509V3_EXT_conf_nid(NULL, NULL, ca ? NID_basic_constraints
						 : NID_subject_alt_name,
				  ca ? "critical,CA:TRUE" : san);
	X509_add_ext(x, ext, -1);
	X509_EXTENSION_free(ext);
	X509_sign(x, ca ? key : ca_key, EVP_sha256());

	return x;
}


/* a server's certificate and key in one file, as libre wants them */
static inline void write_cert(char *path, size_t size, const char *file,
			      const char *name, long days)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = make_cert(key, name, days, false);
	FILE *f;

	re_snprintf(path, size, "%s/%s", cl.dir, file);
	f = fopen(path, "w");
	assert_non_null(f);
	PEM_write_X509(f, x);
	PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL);
	fclose(f);
	X509_free(x);
	EVP_PKEY_free(key);
}


static inline void make_ca(char *path, size_t size, const char *file,
			   const char *name)
{
	FILE *f;

	X509_free(ca_cert);
	EVP_PKEY_free(ca_key);
	ca_key  = EVP_EC_gen("P-256");
	ca_cert = make_cert(ca_key, name, 30, true);

	re_snprintf(path, size, "%s/%s", cl.dir, file);
	f = fopen(path, "w");
	assert_non_null(f);
	PEM_write_X509(f, ca_cert);
	fclose(f);
}


static inline bool sasl_ok(const char *b64)
{
	const char *pw = cl.chat_token ? cl.token : cl.password;
	char buf[256] = "";
	size_t len = sizeof(buf) - 1;

	if (base64_decode(b64, strlen(b64), (uint8_t *)buf, &len))
		return false;

	/* NUL user NUL password */
	return *pw && len == 1 + 8 + 1 + strlen(pw) && !buf[0] &&
		!strcmp(&buf[1], "101-5476") && !strcmp(&buf[10], pw);
}


static inline void cloud_send(const char *str)
{
	assert_int_equal(0, websock_send(cl.conn, WEBSOCK_TEXT, "%s", str));
}


static inline void cloud_element(const struct xml *x)
{
	if (xml_is(x, "open", NULL)) {
		cloud_send("<open xmlns='urn:ietf:params:xml:ns:"
			   "xmpp-framing' version='1.0'/>");
		cloud_send(cl.authed ? "<features xmlns='http://etherx.jabber"
			   ".org/streams'><bind xmlns='urn:ietf:params:xml:"
			   "ns:xmpp-bind'/></features>" :
			   "<features xmlns='http://etherx.jabber.org/"
			   "streams'><mechanisms xmlns='urn:ietf:params:xml:"
			   "ns:xmpp-sasl'><mechanism>PLAIN</mechanism>"
			   "</mechanisms></features>");
	}
	else if (xml_is(x, "auth", NULL)) {
		++cl.authc;
		cl.authed = sasl_ok(xml_text(x));
		cloud_send(cl.authed ? "<success xmlns='urn:ietf:params:xml:"
			   "ns:xmpp-sasl'/>" :
			   "<failure xmlns='urn:ietf:params:xml:ns:"
			   "xmpp-sasl'><not-authorized/></failure>");
	}
	else if (xml_child(x, "bind", NULL)) {
		cloud_send("<iq type='result' xmlns='jabber:client' id='b'>"
			   "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
			   "<jid>101-5476@localhost/r</jid></bind></iq>");
	}
	else if (xml_child(x, "ping", NULL)) {
		++cl.pingc;
		cloud_send("<iq type='result' xmlns='jabber:client'/>");
	}
	else if (xml_is(x, "presence", NULL)) {
		++cl.readyc;
	}
}


static inline void cloud_recv(const struct websock_hdr *hdr, struct mbuf *mb,
			      void *arg)
{
	struct xml *x;
	(void)hdr;
	(void)arg;

	if (cl.mute)
		return;

	assert_int_equal(0, xml_decode(&x, (char *)mbuf_buf(mb),
				       mbuf_get_left(mb)));
	if (xml_is(x, "message", NULL))
		re_snprintf(cl.stanza, sizeof(cl.stanza), "%b", mbuf_buf(mb),
			    mbuf_get_left(mb));
	cloud_element(x);
	mem_deref(x);
}


static inline void cloud_closed(int err, void *arg)
{
	(void)err;
	(void)arg;
	cl.conn = mem_deref(cl.conn);
}


static inline void session_reply(struct http_conn *conn,
				 const struct http_msg *msg)
{
	char pw[64];

	++cl.sessionc;
	re_snprintf(pw, sizeof(pw), "\"password\":\"%s\"", cl.password);

	if (!memmem(mbuf_buf(msg->mb), mbuf_get_left(msg->mb), pw,
		    strlen(pw))) {
		http_creply(conn, 401, "Unauthorized", "application/json",
			    "{\"errors\":[\"Unauthorized\"]}");
		return;
	}

	re_snprintf(cl.token, sizeof(cl.token), "t0ken%u", cl.sessionc);
	http_creply(conn, 201, "Created", "application/json",
		    "{\"session\":{\"token\":\"%s\",\"user_id\":101}}",
		    cl.token);
}


static inline void other_reply(struct http_conn *conn,
			       const struct http_msg *msg)
{
	const struct http_hdr *hdr = http_msg_xhdr(msg, "CB-Token");

	++cl.otherc;
	if (!cl.token[0] || !hdr || pl_strcmp(&hdr->val, cl.token))
		http_creply(conn, 401, "Unauthorized", "application/json",
			    "{\"errors\":{\"base\":[\"Required session does"
			    " not exist\"]}}");
	else
		http_creply(conn, 200, "OK", "application/json", "{\"a\":1}");
}


static inline void cloud_req(struct http_conn *conn,
			     const struct http_msg *msg, void *arg)
{
	(void)arg;

	if (cl.drop_times) {
		--cl.drop_times;
		http_conn_close(conn);
	}
	else if (cl.fail_times && pl_strcmp(&msg->path, "/")) {
		--cl.fail_times;
		++cl.sessionc;
		http_reply(conn, (uint16_t)cl.fail_status, "Fail",
			   "Retry-After: %u\r\nContent-Length: 0\r\n\r\n",
			   cl.retry_after);
	}
	else if (!pl_strcmp(&msg->path, "/session.json")) {
		session_reply(conn, msg);
	}
	else if (!pl_strcmp(&msg->path, "/")) {
		++cl.connc;
		cl.authed = false;
		cl.conn = mem_deref(cl.conn);
		assert_int_equal(0, websock_accept(&cl.conn, cl.ws, conn,
						   msg, 0, cloud_recv,
						   cloud_closed, NULL));
	}
	else {
		other_reply(conn, msg);
	}
}


/** Start the cloud with the certificate in a file */
static inline void cloud_listen(const char *cert)
{
	struct sa sa;

	sa_set_str(&sa, "127.0.0.1", cl.port);
	assert_int_equal(0, https_listen(&cl.sock, &sa, cert, cloud_req,
					 NULL));
	assert_int_equal(0, tcp_sock_local_get(http_sock_tcp(cl.sock), &sa));
	assert_int_equal(0, websock_alloc(&cl.ws, NULL, NULL));
	cl.port = sa_port(&sa);
	re_snprintf(cl.url, sizeof(cl.url), "https://localhost:%u", cl.port);
	re_snprintf(cl.chat, sizeof(cl.chat), "wss://localhost:%u/", cl.port);
}


static inline void cloud_stop(void)
{
	cl.conn = mem_deref(cl.conn);
	cl.ws   = mem_deref(cl.ws);
	cl.sock = mem_deref(cl.sock);
}


/** The link drops */
static inline void cloud_drop(void)
{
	cl.conn = mem_deref(cl.conn);
}
