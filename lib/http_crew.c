/* Within a crew every transfer under way is watched at once. */
#include "http_impl.h"

#include "crew.h"
#include "banned.h"

#define KEPT_MAX 64L /* connections that wait for their next request */

struct waiting {
	struct bx_crew_job *job;
	bool done;
	CURLcode code;
};

static CURLM *transfers;

static bool take_ended(void)
{
	int left;
	bool any = false;
	for (CURLMsg *m; (m = curl_multi_info_read(transfers, &left));) {
		struct waiting *w = NULL;
		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &w);
		w->code = m->data.result;
		w->done = true;
		bx_crew_wake(w->job);
		any = true;
	}
	return any;
}

static void watch_all(int64_t ms, int fd)
{
	struct curl_waitfd also = {.fd = fd, .events = CURL_WAIT_POLLIN};
	int running;
	curl_multi_perform(transfers, &running);
	if (take_ended())
		return;
	curl_multi_poll(transfers, &also, fd >= 0, (int)ms, NULL);
	curl_multi_perform(transfers, &running);
	take_ended();
}

CURLcode http_perform(CURL *curl)
{
	struct waiting w = {.job = bx_crew_self()};
	if (!w.job)
		return curl_easy_perform(curl);
	if (!transfers) {
		transfers = curl_multi_init();
		curl_multi_setopt(transfers, CURLMOPT_MAXCONNECTS, KEPT_MAX);
		bx_crew_on_idle(watch_all);
	}
	curl_easy_setopt(curl, CURLOPT_PRIVATE, &w);
	/* Each portal has a name of its own, and libcurl walks through all it keeps for each new one. */
	curl_easy_setopt(curl, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
	if (curl_multi_add_handle(transfers, curl))
		return CURLE_OUT_OF_MEMORY;
	while (!w.done)
		bx_crew_suspend();
	curl_multi_remove_handle(transfers, curl);
	return w.code;
}
