/**
 * @file sip/pure/sipfrag.c  What is told of a transfer: message/sipfrag
 *
 * Pure: text in, values out.
 */
#include <re.h>
#include "base/text.h"
#include "sip/pure/sipfrag.h"


/* "200 OK": three digits, and what may follow them */
static bool read_code(uint16_t *scodep, struct pl *line)
{
	const struct pl code = {line->p, 3};
	size_t i;

	if (line->l < 3 || (line->l > 3 && line->p[3] != ' '))
		return false;

	for (i=0; i<code.l; i++) {
		if (code.p[i] < '0' || code.p[i] > '9')
			return false;
	}

	*scodep = (uint16_t)pl_u32(&code);
	pl_advance(line, 3);

	return *scodep >= 100 && *scodep <= 699;
}


/**
 * Decode what is told of a transfer's progress (RFC 3420): the status line of a
 * response
 *
 * @param scodep Status code [100-699]
 * @param reason Its reason phrase, without control characters
 * @param size   Size of that
 * @param body   Body of type message/sipfrag
 *
 * @return 0 if success, EBADMSG if there is no status line
 */
int sipfrag_decode(uint16_t *scodep, char *reason, size_t size,
		   const struct pl *body)
{
	static const char version[] = "SIP/2.0 ";
	const size_t vlen = sizeof(version) - 1;
	struct pl rest, line, part;
	uint16_t scode;
	size_t i;

	if (!scodep || !reason || !size || !body)
		return EINVAL;

	rest = *body;
	if (!text_next(&rest, &line, '\n'))
		return EBADMSG;

	text_trim(&line);
	part.p = line.p;
	part.l = vlen;

	if (line.l < vlen || pl_strcasecmp(&part, version))
		return EBADMSG;

	pl_advance(&line, (ssize_t)vlen);
	if (!read_code(&scode, &line))
		return EBADMSG;

	text_trim(&line);
	for (i=0; i<line.l && i+1<size; i++)
		reason[i] = (unsigned char)line.p[i] < ' ' ||
			line.p[i] == 0x7f ? ' ' : line.p[i];

	reason[i] = '\0';
	*scodep   = scode;

	return 0;
}
