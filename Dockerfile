# docker build -t manyhot .                          computes on the CPU
# docker build -t manyhot --build-arg DEVICE=cuda .  with CUDA's libraries; needs NVIDIA's container toolkit to run
FROM python:3.11-slim

ARG DEVICE=cpu

ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PYTHONUNBUFFERED=1 \
    MANYHOT_WORKSPACE=/workspace \
    MANYHOT_LOGIN=token \
    MANYHOT_ROOTS=/data \
    TORCH_HOME=/workspace/.cache/torch \
    HF_HOME=/workspace/.cache/huggingface \
    FASTAI_HOME=/workspace/.cache/fastai \
    HOME=/home/manyhot

WORKDIR /app
COPY requirements.txt constraints.txt ./
# PyPI's torch brings CUDA; the same version without it is torch's own index's. What else they need comes from PyPI.
RUN if [ "$DEVICE" = cpu ]; then \
        grep -E '^torch(vision)?==' requirements.txt > torch.txt \
        && pip install --no-deps --index-url https://download.pytorch.org/whl/cpu -r torch.txt \
        && rm torch.txt; \
    fi \
    && pip install -r requirements.txt && pip install -c constraints.txt onnx onnxscript onnxruntime optuna

COPY .streamlit/config.toml .streamlit/config.toml
COPY app.py pyproject.toml ./
COPY pages pages
COPY lib lib

# Nobody in the container may change the code; the workspace is a volume.
RUN useradd --create-home --uid 1000 manyhot && install -d -o manyhot -g manyhot /workspace /data
USER 1000
VOLUME /workspace
EXPOSE 8501

HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]

# Inside a container 127.0.0.1 is the container alone, so it listens on all its addresses, and without a login it would
# not start so: it prints a link (`docker compose logs`). Who may reach it is said where the port is published: on
# 127.0.0.1 in docker-compose.yml. With its address given, Streamlit asks no other server for it.
CMD ["streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=8501", "--server.headless=true", \
     "--browser.serverAddress=127.0.0.1"]
