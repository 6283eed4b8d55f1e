/**
 * @file peer/turn_frame.c  What a TURN server sends over TCP, looked through
 *
 * A server may send its client to another one (300 Try Alternate, RFC 8656
 * section 7.4). libnice would go there by itself, and not by TLS. Pure.
 */
#include <string.h>
#include <re.h>
#include "turn.h"


enum {
	HEADER         = 4,      /**< Of both kinds: type, length [bytes]  */
	STUN_HEADER    = 20,     /**< Header of STUN [bytes]               */
	ALLOCATE_ERROR = 0x0113, /**< Allocate error response              */
	ERROR_CODE     = 0x0009,
	ALTERNATE      = 0x8023, /**< ALTERNATE-SERVER                     */
};


static size_t get16(const uint8_t *p)
{
	return (size_t)(p[0] << 8 | p[1]);
}


/* Over TCP both kinds are padded to 4 bytes, STUN by itself */
static size_t frame_size(const uint8_t *p)
{
	const size_t len = get16(&p[2]);

	return p[0] < 0x40 ? STUN_HEADER + len : (HEADER + len + 3) & ~3u;
}


static bool redirects(const uint8_t *p, size_t size)
{
	size_t pos = STUN_HEADER;

	while (pos + HEADER <= size) {

		const size_t type = get16(&p[pos]);
		const size_t len  = get16(&p[pos + 2]);
		const uint8_t *val = &p[pos + HEADER];

		if (type == ALTERNATE)
			return true;
		if (type == ERROR_CODE && len >= 4 &&
		    pos + HEADER + 4 <= size && (val[2] & 7) == 3)
			return true;

		pos += HEADER + ((len + 3) & ~(size_t)3);
	}

	return false;
}


/* A message begins. EAGAIN: more of it must be seen first */
static int begin(struct turn_frames *tf, const uint8_t *p, size_t have)
{
	size_t size;

	if (have < HEADER)
		return EAGAIN;
	if (p[0] & 0x80)
		return EBADMSG;

	size = frame_size(p);
	if (get16(p) == ALLOCATE_ERROR) {
		if (size >= TURN_HELD_MAX)
			return EBADMSG;
		if (have < size)
			return EAGAIN;
		if (redirects(p, size))
			return EREMCHG;
	}

	tf->left = size;

	return 0;
}


/**
 * Look through what comes from a server
 *
 * @param tf   State; all 0 at first
 * @param buf  What has come and has not passed yet
 * @param len  Its length [bytes]
 * @param pass Set to what of it may be passed on [bytes]. The rest is to be
 *             shown again together with what follows; if there is no error,
 *             it is less than TURN_HELD_MAX
 *
 * @return 0 if success; EINVAL; EBADMSG if it is not TURN; EREMCHG if the
 *         server sends us elsewhere. Then nothing more may pass
 */
int turn_frames_pass(struct turn_frames *tf, const uint8_t *buf, size_t len,
		     size_t *pass)
{
	size_t pos = 0, n;
	int err = 0;

	if (!tf || !buf || !pass)
		return EINVAL;

	while (pos < len) {

		if (!tf->left) {
			err = begin(tf, &buf[pos], len - pos);
			if (err)
				break;
		}

		n = min(tf->left, len - pos);
		tf->left -= n;
		pos += n;
	}

	*pass = pos;

	return err == EAGAIN ? 0 : err;
}
