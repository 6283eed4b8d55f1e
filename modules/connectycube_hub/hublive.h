/**
 * @file connectycube_hub/hublive.h  The hub's own picture of what there is now
 */

struct hlive;
struct json_t;
struct re_printf;

/** See hlive_change_h (live/live.h) */
typedef void (hublive_h)(const char *type, const char *ext,
			 struct json_t *j, void *arg);

int  hublive_start(void);
void hublive_stop(void);
void hublive_set_handler(hublive_h *h, void *arg);
const struct hlive *hublive(void);
int  hublive_print_calls(struct re_printf *pf, void *unused);
int  hublive_print_exts(struct re_printf *pf, void *unused);
