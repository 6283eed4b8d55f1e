/**
 * @file connectycube_record/host/order.h  Who orders recordings, in a bridge
 */

struct observe;
struct recorder;
struct record_config;

int  order_start(const struct observe *ob, struct recorder *rec,
		 const struct record_config *cfg, char *why, size_t size);
void order_stop(void);
int  order_ask(uint32_t call, enum session_cmd cmd, enum steer_mode mode,
	       const char *by, const char **reasonp);
int  order_print(struct re_printf *pf);
int  order_print_call(struct re_printf *pf, uint32_t call);
