/**
 * @file connectycube_hub/web/sse.h  Events, for those who follow them
 */

struct json_t;

int  sse_start(uint32_t most, uint64_t epoch);
void sse_stop(void);
int  sse_put(const char *type, const char *extension, struct json_t *j);
void sse_look(void);
uint32_t sse_count(void);
