POISON_TRIES = 3  # here, so that a test can know it without declaring the poisonous jobs to its own process
