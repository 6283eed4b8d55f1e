/**
 * @file test_iceserver.c  URIs of STUN and TURN servers
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "peer/peer.h"
#include "config/iceserver.h"


static int decode(struct peer_server *srv, const char *uri)
{
	struct pl pl;

	memset(srv, 0, sizeof(*srv));
	pl_set_str(&pl, uri);

	return ice_server_decode(srv, &pl);
}


static void test_good(void **state)
{
	static const struct {
		const char *uri;
		int type;
		const char *host;
		unsigned port;
	} v[] = {
		{"stun:192.0.2.1", PEER_STUN, "192.0.2.1", 3478},
		{"stun:stun.example.com:19302", PEER_STUN,
		 "stun.example.com", 19302},
		{"turn:192.0.2.1:65535", PEER_TURN_UDP, "192.0.2.1", 65535},
		{"turn:h?transport=udp", PEER_TURN_UDP, "h", 3478},
		{"turn:h:1?transport=tcp", PEER_TURN_TCP, "h", 1},
		{"TURN:h?transport=TCP", PEER_TURN_TCP, "h", 3478},
		{"turns:h", PEER_TURN_TLS, "h", 5349},
		{"turns:h:443?transport=tcp", PEER_TURN_TLS, "h", 443},
		{"turn:[2001:db8::1]", PEER_TURN_UDP, "2001:db8::1", 3478},
		{"turn:[2001:db8::1]:99?transport=tcp", PEER_TURN_TCP,
		 "2001:db8::1", 99},
	};
	struct peer_server srv;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		assert_int_equal(decode(&srv, v[i].uri), 0);
		assert_int_equal(srv.type, v[i].type);
		assert_string_equal(srv.host, v[i].host);
		assert_int_equal(srv.port, v[i].port);
	}
}


static void test_bad(void **state)
{
	static const char *const v[] = {
		"", "turn", "turn:", "http://h", "turn://h", "turn::1",
		"turn:h:", "turn:h:0", "turn:h:65536", "turn:h:123456",
		"turn:h:1x", "turn:h?", "turn:h?transport=sctp",
		"turn:h?x=transport=tcp", "stun:h?transport=udp",
		"turns:h?transport=udp", "turn:2001:db8::1",
		"turn:[2001:db8::1", "turn:[192.0.2.1]", "turn:[]",
		"turn:[::1]1", "turn:user@h", "turn:h h",
	};
	struct peer_server srv;
	char uri[320] = "turn:";
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++)
		assert_int_equal(decode(&srv, v[i]), EINVAL);

	/* a name that does not fit */
	memset(uri + 5, 'a', 256);
	assert_int_equal(decode(&srv, uri), EINVAL);
	uri[5 + 255] = '\0';
	assert_int_equal(decode(&srv, uri), 0);

	assert_int_equal(ice_server_decode(NULL, NULL), EINVAL);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
