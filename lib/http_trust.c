/* The authorities that a server's certificate is checked against.
 *
 * To read the file of them all takes longer than the whole rest of a call, while a directory of them
 * is looked into for the one that is asked for. So the directory is tried alone where nobody has named
 * a file, and only where that does not do are all taken. */
#include "http_impl.h"

#include <stdatomic.h>
#include "banned.h"

static atomic_bool all; /* from now on, in each thread: the directory did not do */

static const char *given(const char *name)
{
	const char *value = getenv(name);
	return value && *value ? value : NULL;
}

/* What libcurl takes by itself. */
static const char *own(CURL *curl, CURLINFO which)
{
	const char *value = NULL;
	return curl_easy_getinfo(curl, which, &value) == CURLE_OK ? value : NULL;
}

bool http_trust(CURL *curl)
{
	/* The variables that the curl tool reads itself. */
	const char *bundle = given("CURL_CA_BUNDLE"), *dir = bundle ? NULL : given("SSL_CERT_DIR");
	const char *file = bundle ? bundle : given("SSL_CERT_FILE");
	/* Who names a file means what it has, which may be a certificate that is not to be trusted. */
	bool narrow = !all && !file && (dir || own(curl, CURLINFO_CAPATH));
	/* libcurl's own file does not come back by itself once it was left out. */
	if (!file)
		file = own(curl, CURLINFO_CAINFO);
	if (file || narrow)
		curl_easy_setopt(curl, CURLOPT_CAINFO, narrow ? NULL : file);
	if (dir)
		curl_easy_setopt(curl, CURLOPT_CAPATH, dir);
	return narrow;
}

void http_trust_all(void)
{
	all = true;
}

bool http_untrusted(CURLcode code)
{
	return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE;
}
