/**
 * @file connectycube_hub/sink/http.h  What is handed on by HTTP, by libcurl
 */

struct curl_slist;

int  hub_http_check(const char *key, const char *url, bool plain,
		    const char *clear, char *why, size_t size);
int  hub_http_where(char **wherep, const char *url);
bool hub_http_reach(const char *url, const char *ca_file, char *why,
		    size_t size);
void hub_http_options(void *curl, const char *url, const char *ca_file);
bool hub_http_add(struct curl_slist **list, const char *line);
enum hub_given hub_http_judge(void *curl, int code, char *why, size_t size);
