/**
 * @file hub.h  The hub, by libcurl: what hub.c and follow.c have in common
 */

enum {
	HUB_BODY = 64<<20,      /**< Longest answer [bytes]                */
	HUB_CONNECT = 5,        /**< Until it is connected [s]             */
	HUB_TIMEOUT = 45,       /**< Until it has answered [s]             */
};

struct cli_hub {
	void *curl;             /**< Handle (owned)                        */
	char *base;             /**< URL without a path (owned)            */
	char *socket;           /**< Unix socket (owned), NULL=by TCP      */
	char *ca_file;          /**< Who is believed (owned), NULL=as ever */
	char token[CLI_TOKEN];  /**< ""=none                               */
	uint32_t timeout;       /**< Until it has answered [s]             */
	char said[256];         /**< What libcurl says                     */
	bool sent;              /**< The hub may have heard the request    */
	struct mbuf *body;      /**< What is answered (owned)              */
};

int  hub_begin(struct cli_hub *hub, const char *path,
	       struct curl_slist **headers);
void hub_judge(struct cli_answer *a, struct cli_hub *hub, int code);
int  hub_header(struct curl_slist **headers, const char *line);
