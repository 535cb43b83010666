CREATE INDEX {index notices_post} ON {notices} (post_id);
