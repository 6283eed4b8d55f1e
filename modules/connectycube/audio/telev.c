/**
 * @file audio/telev.c  Telephone events (RFC 4733): keys as RTP packets
 *
 * Pure: payloads and times in, payloads and key presses out.
 *
 *   packets --> telev_rx --> START, UPDATE ..., END      one row a key
 *   keys    --> telev_tx --> packets                     when they are due
 *
 * A key may be sent while it is still held elsewhere (live: down, hold, up),
 * or with a length that is known (press); keys that come too fast wait.
 */
#include <string.h>
#include <re.h>
#include "rtp/rtp.h"
#include "telev.h"


static const char keyv[] = "0123456789*#ABCD";


/**
 * Decode a payload (RFC 4733, 2.3)
 *
 * @param te  Event (set only on success)
 * @param buf Payload
 * @param len Length of the payload [bytes]
 *
 * @return 0 if success, EINVAL for missing arguments, EBADMSG if too short.
 *         More than one event in a packet is not read: nobody sends that
 */
int telev_decode(struct telev *te, const uint8_t *buf, size_t len)
{
	if (!te || !buf)
		return EINVAL;

	if (len < TELEV_LEN)
		return EBADMSG;

	te->event  = buf[0];
	te->end    = buf[1] >> 7;
	te->volume = buf[1] & 0x3f;
	te->dur    = rtp_get16(buf + 2);

	return 0;
}


/**
 * Encode a payload (RFC 4733, 2.3)
 *
 * @param buf Destination, room for TELEV_LEN (4) bytes
 * @param te  Event
 */
void telev_encode(uint8_t *buf, const struct telev *te)
{
	buf[0] = te->event;
	buf[1] = (te->end ? 0x80 : 0x00) | (te->volume & 0x3f);
	rtp_put16(buf + 2, te->dur);
}


/**
 * Get the event of a key (RFC 4733, 3.2)
 *
 * @param key Key: 0-9, *, #, A-D in either case
 *
 * @return Event code [0-15], -1 if it is no key
 */
int telev_event(char key)
{
	const char *p;

	if (key >= 'a' && key <= 'd')
		key = (char)(key - 'a' + 'A');

	p = key ? strchr(keyv, key) : NULL;

	return p ? (int)(p - keyv) : -1;
}


/**
 * Get the key of an event (RFC 4733, 3.2)
 *
 * @param event Event code
 *
 * @return Key, '\0' if it is none
 */
char telev_key(unsigned event)
{
	return event <= TELEV_KEY_MAX ? keyv[event] : '\0';
}


/* --- receiving ---------------------------------------------------------- */

/**
 * Get the duration of a received event so far
 *
 * @param rx Event
 *
 * @return Duration [RTP clock]
 */
uint32_t telev_rx_dur(const struct telev_rx *rx)
{
	return rx->done + rx->seg;
}


static void rx_end(struct telev_rx *rx, telev_h *h, void *arg)
{
	if (!rx->on)
		return;

	rx->on = false;
	h(TELEV_END, rx, arg);
}


/* The next segment of a long event begins where the last was full, and has
   no marker (RFC 4733, 2.5.1.3). The packet that was full may be lost */
static bool is_segment(const struct telev_rx *rx, const struct telev *te,
		       uint32_t ts, bool marker)
{
	if (!rx->on || te->event != rx->event || marker)
		return false;

	return ts - rx->ts == TELEV_SEG_MAX || rx->seg == TELEV_SEG_MAX;
}


static void rx_begin(struct telev_rx *rx, const struct telev *te, uint32_t ts)
{
	rx->known  = true;
	rx->on     = true;
	rx->event  = te->event;
	rx->volume = te->volume;
	rx->ts     = ts;
	rx->done   = 0;
	rx->seg    = te->dur;
}


/**
 * Handle a received packet
 *
 * However often an event is repeated and whatever is lost of it, the handler
 * sees one START, UPDATEs and one END. An event is known by its timestamp.
 *
 * @param rx     Receiver
 * @param te     Payload
 * @param ts     Packet's timestamp [RTP clock]
 * @param marker Packet's marker bit
 * @param now    Time [us]
 * @param h      Handler
 * @param arg    Handler argument
 */
void telev_rx_put(struct telev_rx *rx, const struct telev *te, uint32_t ts,
		  bool marker, uint64_t now, telev_h *h, void *arg)
{
	enum telev_what what = TELEV_UPDATE;

	/* behind the newest event: a packet that was overtaken */
	if (rx->known && (int32_t)(ts - rx->ts) < 0 &&
	    now - rx->last < (uint64_t)2000000)
		return;

	if (rx->known && ts == rx->ts && te->event == rx->event) {
		if (!rx->on)
			return;
		rx->seg = max(rx->seg, te->dur);
	}
	else if (is_segment(rx, te, ts, marker)) {
		rx->done += TELEV_SEG_MAX;
		rx->ts    = ts;
		rx->seg   = te->dur;
	}
	else {
		rx_end(rx, h, arg);
		rx_begin(rx, te, ts);
		what = TELEV_START;
	}

	rx->last = now;
	h(what, rx, arg);

	if (te->end)
		rx_end(rx, h, arg);
}


/**
 * End an event whose end was lost (RFC 4733, 2.5.2.2)
 *
 * @param rx  Receiver
 * @param now Time [us]
 * @param h   Handler
 * @param arg Handler argument
 */
void telev_rx_poll(struct telev_rx *rx, uint64_t now, telev_h *h, void *arg)
{
	if (rx->on && now - rx->last >= (uint64_t)TELEV_LOST * 1000)
		rx_end(rx, h, arg);
}


/* --- sending ------------------------------------------------------------ */

static uint32_t ms_to_ticks(const struct telev_tx *tx, uint32_t ms)
{
	return tx->crate / 1000 * ms;
}


static uint32_t step_ticks(const struct telev_tx *tx)
{
	return ms_to_ticks(tx, TELEV_STEP);
}


static void tx_begin(struct telev_tx *tx, uint8_t event, uint8_t volume,
		     uint64_t now)
{
	tx->state  = TELEV_DOWN;
	tx->begun  = false;
	tx->event  = event;
	tx->volume = volume;
	tx->done   = 0;
	tx->dur    = step_ticks(tx);
	tx->left   = 1;
	tx->due    = now;
}


static void tx_pause(struct telev_tx *tx, uint64_t now)
{
	tx->state = tx->waitc ? TELEV_PAUSE : TELEV_IDLE;
	tx->due   = now + (uint64_t)TELEV_GAP * 1000;
}


/**
 * A key that is held elsewhere goes down: begin to send it
 *
 * @param tx     Sender
 * @param event  Event code
 * @param volume Power [-dBm0]
 * @param dur    Duration so far [RTP clock]
 * @param now    Time [us]
 *
 * @return False if other keys are still being sent: give it to
 *         telev_tx_press() when it is up
 */
bool telev_tx_down(struct telev_tx *tx, uint8_t event, uint8_t volume,
		   uint32_t dur, uint64_t now)
{
	if (tx->state == TELEV_DOWN || tx->waitc)
		return false;

	tx_begin(tx, event, volume, now);
	tx->live = true;
	tx->dur  = max(dur, tx->dur);

	return true;
}


/**
 * The key is still held
 *
 * @param tx  Sender, after telev_tx_down() was true
 * @param dur Duration so far [RTP clock]
 * @param now Time [us]
 */
void telev_tx_hold(struct telev_tx *tx, uint32_t dur, uint64_t now)
{
	if (tx->state != TELEV_DOWN || !tx->live || dur <= tx->dur)
		return;

	tx->dur  = dur;
	tx->left = 1;
	tx->due  = now;
}


/**
 * The key is up again
 *
 * @param tx  Sender, after telev_tx_down() was true
 * @param dur Its whole duration [RTP clock]
 * @param now Time [us]
 */
void telev_tx_up(struct telev_tx *tx, uint32_t dur, uint64_t now)
{
	if (tx->state != TELEV_DOWN || !tx->live)
		return;

	tx->live  = false;
	tx->dur   = max(dur, tx->dur);
	tx->total = tx->dur;
	tx->due   = now;
}


/**
 * Send a key of known length, after those that wait
 *
 * @param tx    Sender
 * @param event Event code
 * @param ms    Duration [ms], 0=the usual one
 * @param now   Time [us]
 *
 * @return 0 if success, EOVERFLOW if too many keys wait
 */
int telev_tx_press(struct telev_tx *tx, uint8_t event, uint32_t ms,
		   uint64_t now)
{
	ms = ms ? ms : TELEV_DUR_DEF;
	ms = max(ms, (uint32_t)TELEV_DUR_MIN);
	ms = min(ms, (uint32_t)TELEV_DUR_MAX);

	if (tx->waitc >= TELEV_QUEUE)
		return EOVERFLOW;

	tx->waitv[tx->waitc].event = event;
	tx->waitv[tx->waitc].dur   = ms;
	++tx->waitc;

	if (tx->state == TELEV_IDLE) {
		tx->state = TELEV_PAUSE;
		tx->due   = max(tx->due, now);
	}

	return 0;
}


static void next_key(struct telev_tx *tx, uint64_t now)
{
	const struct telev_wait w = tx->waitv[0];

	--tx->waitc;
	memmove(tx->waitv, tx->waitv + 1, tx->waitc * sizeof(w));

	tx_begin(tx, w.event, TELEV_VOLUME, now);
	tx->live  = false;
	tx->total = ms_to_ticks(tx, w.dur);
}


static void make(struct telev_tx *tx, struct telev_pkt *pkt)
{
	pkt->te.event  = tx->event;
	pkt->te.volume = tx->volume;
	pkt->te.end    = false;
	pkt->marker    = pkt->first = !tx->begun;
	pkt->ts_off    = tx->done;

	tx->begun = true;
}


/* A segment is full: say so, and begin the next (RFC 4733, 2.5.1.3) */
static bool make_full(struct telev_tx *tx, struct telev_pkt *pkt)
{
	if (tx->dur - tx->done <= TELEV_SEG_MAX)
		return false;

	make(tx, pkt);
	pkt->te.dur = TELEV_SEG_MAX;
	tx->done   += TELEV_SEG_MAX;

	return true;
}


static void make_rest(struct telev_tx *tx, struct telev_pkt *pkt, bool end)
{
	make(tx, pkt);
	pkt->te.dur = (uint16_t)(tx->dur - tx->done);
	pkt->te.end = end;
}


static void get_end(struct telev_tx *tx, struct telev_pkt *pkt, uint64_t now)
{
	if (tx->state == TELEV_DOWN) {
		tx->state = TELEV_ENDING;
		tx->left  = TELEV_ENDS;
	}

	make_rest(tx, pkt, true);

	if (--tx->left)
		tx->due = now + (uint64_t)TELEV_STEP * 1000;
	else
		tx_pause(tx, now);
}


static bool get_down(struct telev_tx *tx, struct telev_pkt *pkt, uint64_t now)
{
	if (make_full(tx, pkt))
		return true;

	if (!tx->live && tx->dur >= tx->total) {
		get_end(tx, pkt, now);
		return true;
	}

	make_rest(tx, pkt, false);

	/* a live key goes on when its source says so */
	if (tx->live) {
		tx->left = 0;
	}
	else {
		tx->dur  = min(tx->dur + step_ticks(tx), tx->total);
		tx->due += (uint64_t)TELEV_STEP * 1000;
	}

	return true;
}


/**
 * Get the next packet that is due, until there is none
 *
 * @param tx  Sender; its `due` is when to ask again, if it is busy
 * @param pkt Packet (output)
 * @param now Time [us]
 *
 * @return True if there is a packet to send now
 */
bool telev_tx_get(struct telev_tx *tx, struct telev_pkt *pkt, uint64_t now)
{
	if (tx->state == TELEV_IDLE || now < tx->due ||
	    (tx->live && !tx->left))
		return false;

	if (tx->state == TELEV_PAUSE) {
		if (!tx->waitc) {
			tx->state = TELEV_IDLE;
			return false;
		}
		next_key(tx, now);
	}

	if (tx->state == TELEV_ENDING) {
		get_end(tx, pkt, now);
		return true;
	}

	return get_down(tx, pkt, now);
}


/**
 * Check if a key is being sent, and audio is not
 *
 * @param tx Sender
 *
 * @return True if a key is down, or its end is being repeated
 */
bool telev_tx_busy(const struct telev_tx *tx)
{
	return tx->state == TELEV_DOWN || tx->state == TELEV_ENDING;
}
