/**
 * @file rtp/tap.h  What a port receives, to somebody who listens
 *
 *   packet --> its handler --> the other leg
 *                 |
 *                 `----------> rtp_tap_h, when the handler is through
 *
 * A port without a tap pays nothing: with one, another handler stands in the
 * place of its own. Keys are not for whoever listens: neither packets of
 * telephone-event, nor audio while a key is down.
 */

struct rtp_pkt;

/** What a packet is */
struct rtp_tap_fmt {
	bool video;
	uint8_t pt;             /**< Payload type                          */
	uint8_t ch;             /**< Channels in SDP; 0 of video           */
	uint32_t clock;         /**< Of its timestamps [Hz]                */
	uint32_t nego;          /**< Number of the negotiation, of all: the
				     same one and type, the same format    */
	bool late;              /**< Others came before it                 */
	bool tones;             /**< Keys of whoever sends it are tones in
				     it: the newest may be in one that is
				     not known as a key yet                */
	const char *name;       /**< Encoding name                         */
	const char *fmtp;       /**< Format parameters, NULL=none          */
};

/**
 * A packet was received. It may end the tap
 *
 * @param fmt What it is
 * @param rp  Packet: neither a duplicate, nor of an unknown source
 * @param now Its arrival [us]
 * @param arg Handler argument
 */
typedef void (rtp_tap_h)(const struct rtp_tap_fmt *fmt,
			 const struct rtp_pkt *rp, uint64_t now, void *arg);

/**
 * A key has gone down, or may have, of which nobody will know: it may be heard
 * in what came just before
 *
 * @param ms  It has been down for so long, as its sender says [ms]
 * @param arg Handler argument
 */
typedef void (rtp_tap_key_h)(uint32_t ms, void *arg);

/** Who listens; all zero=nobody */
struct rtp_tap {
	rtp_tap_h *h;           /**< NULL=nobody                           */
	rtp_tap_key_h *keyh;    /**< Audio only; NULL=nobody               */
	void *arg;              /**< Handler argument                      */
};


/* Of audio and video together */
uint32_t rtp_tap_nego(void);
