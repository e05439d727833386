"""Pictures between processes: shared memory that one process writes and any number of others read, newest first.

  memory   named shared memory: made, attached to, adopted, removed; nothing stays behind
  bus      one writer's pictures, never torn, with facts about the newest that cost nothing to read
  source   the bus of one source, replaced by a larger one when its pictures outgrow it

Knows no codec, no window and no meeting; needs numpy only, so that the smallest process can afford it.
"""
