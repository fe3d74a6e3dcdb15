#include "spec.h"
#include "check.h"

int main(void)
{
	struct bx_err err = {0};
	CHECK(bx_spec_selfcheck(&err), "the rows are well formed");
	printf("# %s\n", err.text);
	return check_end();
}
