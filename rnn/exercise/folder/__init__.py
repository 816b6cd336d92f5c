"""What is copied into the folder of an exercise as it stands."""
