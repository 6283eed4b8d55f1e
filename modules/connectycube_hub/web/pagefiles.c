/**
 * @file connectycube_hub/web/pagefiles.c  The files of the dashboard's page
 *
 *   page/NAME --> .incbin --> page_filev[] --> page.c
 *
 * They are in the module: a hub is one file to install, and a page is never
 * of another version than the API that it asks. A file that is new has a line
 * here; the first one is what / is.
 */
#include <re_types.h>
#include "pagefiles.h"

#define JS   "text/javascript; charset=utf-8"

#define PAGE_FILES \
	FILE(index_html,  "index.html",  "text/html; charset=utf-8") \
	FILE(style_css,   "style.css",   "text/css; charset=utf-8") \
	FILE(board_css,   "board.css",   "text/css; charset=utf-8") \
	FILE(small_css,   "small.css",   "text/css; charset=utf-8") \
	FILE(icon_svg,    "icon.svg",    "image/svg+xml") \
	FILE(app_js,      "app.js",      JS) \
	FILE(api_js,      "api.js",      JS) \
	FILE(live_js,     "live.js",     JS) \
	FILE(dom_js,      "dom.js",      JS) \
	FILE(format_js,   "format.js",   JS) \
	FILE(graph_js,    "graph.js",    JS) \
	FILE(calls_js,    "calls.js",    JS) \
	FILE(call_js,     "call.js",     JS) \
	FILE(ext_js,      "ext.js",      JS) \
	FILE(exts_js,     "exts.js",     JS) \
	FILE(pbx_js,      "pbx.js",      JS) \
	FILE(extoptions_js, "extoptions.js", JS) \
	FILE(history_js,  "history.js",  JS) \
	FILE(past_js,     "past.js",     JS) \
	FILE(csv_js,      "csv.js",      JS) \
	FILE(actions_js,  "actions.js",  JS) \
	FILE(ask_js,      "ask.js",      JS) \
	FILE(newcall_js,  "newcall.js",  JS) \
	FILE(alarms_js,   "alarms.js",   JS) \
	FILE(today_js,    "today.js",    JS) \
	FILE(texts_js,    "texts.js",    JS) \
	FILE(texts_en_js, "texts.en.js", JS) \
	FILE(texts_pt_js, "texts.pt.js", JS)

/* the path counts from where the compiler runs: the top of the tree */
#define FILE(id, name, type) \
	__asm__(".pushsection .rodata\n" \
		".globl page_" #id "\n.hidden page_" #id "\n" \
		".globl page_" #id "_end\n.hidden page_" #id "_end\n" \
		"page_" #id ":\n" \
		".incbin \"modules/connectycube_hub/page/" name "\"\n" \
		"page_" #id "_end:\n.byte 0\n" \
		".popsection\n"); \
	extern const uint8_t page_##id[], page_##id##_end[];
PAGE_FILES
#undef FILE


#define FILE(id, name, type) {name, type, page_##id, page_##id##_end},
const struct page_file page_filev[] = {PAGE_FILES};
#undef FILE

const size_t page_filec = ARRAY_SIZE(page_filev);
