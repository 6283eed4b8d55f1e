/**
 * @file video/payload/h264.h  H.264 in RTP (RFC 6184) and in SDP (pure)
 *
 *   payload --h264_unpack()--> NAL units --h264_pack()--> payloads
 */

enum {
	H264_PS_MAX   = 512,    /**< Longest parameter set kept [bytes]    */
	H264_NAL_MAX  = 262144, /**< Longest NAL unit put together [bytes] */
};

/** NAL unit types (ITU-T H.264 table 7-1, RFC 6184 table 1) */
enum h264_nal {
	H264_SLICE  = 1,
	H264_IDR    = 5,
	H264_SEI    = 6,
	H264_SPS    = 7,
	H264_PPS    = 8,
	H264_AUD    = 9,
	H264_STAP_A = 24,
	H264_FU_A   = 28,
	H264_FU_B   = 29,
};

/** Fields of the first byte of a NAL unit, of the second one of an FU-A */
enum {
	H264_NRI    = 0x60,     /**< nal_ref_idc; 0=no reference          */
	H264_TYPE   = 0x1f,
	H264_FU_S   = 0x80,     /**< First fragment                        */
	H264_FU_E   = 0x40,     /**< Last fragment                         */
};

/** Parameters of a format (RFC 6184, 8.1) */
struct h264_fmtp {
	bool stated;            /**< There is a profile-level-id           */
	uint8_t profile;        /**< profile_idc; 66 if not stated         */
	uint8_t iop;            /**< Constraint flags                      */
	uint8_t level;          /**< level_idc; 10 if not stated           */
	unsigned mode;          /**< packetization-mode; missing means 0   */
	bool asymmetry;         /**< level-asymmetry-allowed               */
	uint32_t max_mbps, max_fs, max_br; /**< 0=not stated               */
	uint8_t sps[H264_PS_MAX]; /**< From sprop-parameter-sets           */
	size_t spslen;          /**< 0=none [bytes]                        */
	uint8_t pps[H264_PS_MAX];
	size_t ppslen;          /**< 0=none [bytes]                        */
};

/** What an SPS says (librem 1.0 has an h264_sps of its own) */
struct h264_spsinfo {
	uint8_t profile, iop, level;
	unsigned width;         /**< Cropped [pixels]                      */
	unsigned height;
};

int  h264_fmtp_decode(struct h264_fmtp *f, const char *fmtp);
int  h264_fmtp_print(struct re_printf *pf, const struct h264_fmtp *f);
int  h264_spsinfo_decode(struct h264_spsinfo *sps, const uint8_t *nal,
			 size_t len);
int  h264_stap_next(const uint8_t *buf, size_t len, size_t *pos,
		    const uint8_t **nal, size_t *nlen);


static inline uint8_t h264_type(uint8_t hdr)
{
	return hdr & H264_TYPE;
}


/** Tell if a type is that of a NAL unit, not of an aggregate or a fragment */
static inline bool h264_is_nal(uint8_t type)
{
	return type >= 1 && type <= 23;
}


/** Tell if a type is one of the interleaved mode: STAP-B, MTAPs and FU-B */
static inline bool h264_is_interleaved(uint8_t type)
{
	return type > H264_STAP_A && type <= H264_FU_B && type != H264_FU_A;
}


/** A whole NAL unit, header included. Not kept */
typedef int (h264_nal_h)(const uint8_t *nal, size_t len, bool marker,
			 void *arg);

/** Puts NAL units together; all zero is the initial state */
struct h264_unpack {
	struct mbuf *mb;        /**< Fragments so far (owner)              */
	bool frag;              /**< Inside a fragmented NAL unit          */
	bool on;                /**< There has been a payload              */
	uint16_t seq;           /**< Its sequence number                   */
};

int  h264_unpack(struct h264_unpack *u, bool marker, uint16_t seq,
		 const uint8_t *buf, size_t len, h264_nal_h *nalh, void *arg);
void h264_unpack_reset(struct h264_unpack *u);

/** One RTP payload; written behind room for headers by the caller */
typedef int (h264_payload_h)(const uint8_t *buf, size_t len, bool marker,
			     void *arg);

int  h264_pack(const uint8_t *nal, size_t len, unsigned mode, size_t max,
	       bool marker, h264_payload_h *payloadh, void *arg);
int  h264_pack_ps(uint8_t *buf, size_t size, size_t *len,
		  const uint8_t *sps, size_t spslen,
		  const uint8_t *pps, size_t ppslen);
