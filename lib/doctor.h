/* What the check verbs share: findings, and the examinations that more than one of them makes.
 * Layer 5. */
#ifndef BX_DOCTOR_H
#define BX_DOCTOR_H

#include "cli.h"
#include "rest.h"

struct bx_doctor {
	struct bx_cli *cli;
	struct bx_rest *rest; /* NULL: it is about no portal, and only bx_doctor_say is used */
	int64_t user; /* who is shown no card; 0: nobody in particular */
	cJSON *urls;  /* of a running bx-serve, once bx_doctor_serve was called; or NULL */
	int findings; /* so far */
};
void bx_doctor_release(struct bx_doctor *doctor);

/* BX_BY_HAND: an app cannot know. */
enum bx_verdict { BX_WELL, BX_ILL, BX_BY_HAND };
/* Prints one line. todo is what to do about it, or NULL. */
void bx_doctor_say(struct bx_doctor *doctor, const char *check, enum bx_verdict verdict,
	const char *todo, const char *fmt, ...) BX_PRINTF(5, 6);
/* BX_USAGE for a dry run: an examination asks much and changes nothing. */
bool bx_doctor_may(const struct bx_cli *cli, struct bx_err *err);
/* The finding that a question was not answered, with what to do about that. */
void bx_doctor_failed(struct bx_doctor *doctor, const char *check, const struct bx_err *err);
/* At the end: BX_DRIFT when there were findings. */
bool bx_doctor_end(const struct bx_doctor *doctor, struct bx_err *err);

/* The result of a method without parameters, by its row's verb. The caller deletes; NULL: err. */
cJSON *bx_doctor_ask(struct bx_doctor *doctor, const char *verb, struct bx_err *err);

/* Each prints what it found. */
bool bx_doctor_portal(struct bx_doctor *doctor); /* reached, clocks; false: nothing else can be asked */
void bx_doctor_app(struct bx_doctor *doctor);	 /* installed and paid for */
void bx_doctor_serve(struct bx_doctor *doctor);	 /* bx-serve runs here */
void bx_doctor_worker(struct bx_doctor *doctor); /* registered, for the user too, where bx-serve is */
void bx_doctor_page(struct bx_doctor *doctor);	 /* the worker's page is reached from outside */

#endif
