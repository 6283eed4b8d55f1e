/**
 * @file sip/pure/identityhow.h  Where SIP is told for whom we call
 */

/** In which header the SIP side is told for whom we call */
enum sip_identity {
	SIP_IDENTITY_NONE = 0,  /**< In none: the account calls            */
	SIP_IDENTITY_NAME,      /**< A name in From                        */
	SIP_IDENTITY_FROM,      /**< From                                  */
	SIP_IDENTITY_PAI,       /**< P-Asserted-Identity                   */
	SIP_IDENTITY_RPID,      /**< Remote-Party-ID                       */
};
