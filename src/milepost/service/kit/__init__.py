"""What every app of the service uses: each helper once. It knows no app."""
