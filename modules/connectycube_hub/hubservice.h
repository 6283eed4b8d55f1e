/**
 * @file connectycube_hub/hubservice.h  How the hub stands, told to the service
 * manager
 */

struct hub_inbox;
struct list;

int  hubservice_start(const struct hub_inbox *ib, const struct list *connl);
void hubservice_look(void);
void hubservice_stop(void);
