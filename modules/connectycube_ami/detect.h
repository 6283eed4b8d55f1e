/**
 * @file connectycube_ami/detect.h  A dialplan tells that somebody waits
 *
 *   exten => 1000,1,UserEvent(BridgeCall,Channel: ${CHANNEL},
 *                   From: ${CALLERID(all)},To: sip:1000@pbx.example,
 *                   UniqueId: ${UNIQUEID})
 *
 * Asterisk puts the channel's own headers before those of the dialplan: what
 * the dialplan says is the last one of a name. Pure. Include message.h, table.h
 * and call/reason.h first.
 */

enum {
	AMI_URI_SIZE = 256,     /**< Room for an address [bytes]             */
};

/** Somebody waits. What is not known is "" */
struct ami_detected {
	char channel[AMI_NAME_SIZE]; /**< Where he waits                     */
	char to[AMI_URI_SIZE];  /**< Who was called, as it was said          */
	char user[AMI_TEXT_SIZE]; /**< ... his name in that address          */
	char name[AMI_TEXT_SIZE]; /**< Who calls                             */
	char number[AMI_TEXT_SIZE]; /**< ... his number                      */
	char uri[AMI_URI_SIZE]; /**< ... his SIP address                     */
};

int  ami_detect(struct ami_detected *d, const struct ami_message *msg,
		const char **whyp);
void ami_detect_from(struct ami_detected *d, const struct pl *from);
uint32_t ami_cause_of(enum end_reason reason);
