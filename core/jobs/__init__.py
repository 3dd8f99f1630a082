"""Queues, workers and the scheduler. A job is a wake-up call: what is to be done stands in the database."""
