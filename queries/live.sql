/*
 * What is new, for whoever asks again and again.
 */

/*
 * The sources whose rows were written, changed or deleted since the last call, whoever did it, with how many rows from
 * where to where. :since is the cursor of the last call; without it only the cursor is told. The cursor stands in every
 * row, and where nothing is new alone in one. A change is told once, when it is committed, in whatever order that is.
 */
/* @name news */
select
  n.cursor as "cursor!",
  n.source_id,
  n.source,
  n.first_moment,
  n.last_moment,
  n.row_count
from public.news_since(:since) as n;
